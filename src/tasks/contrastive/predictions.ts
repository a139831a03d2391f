import { z } from 'zod';

/** A caption and the pictures it finds, best first. */
export interface ProbeRanking {
  readonly caption: string;
  /** Ids of the pictures that carry it. */
  readonly correct: readonly string[];
  readonly base: readonly string[];
  readonly tuned: readonly string[];
}

/** Captions that are asked for their pictures at each evaluation. */
export const predictionsSchema: z.ZodType<readonly ProbeRanking[]> = z.array(
  z.object({
    caption: z.string(),
    correct: z.array(z.string()),
    base: z.array(z.string()),
    tuned: z.array(z.string()),
  }),
);

/** A picture whose own caption ranks badly, with what the model preferred. */
export interface Mistake {
  readonly imageId: string;
  /** Of its captions, the one that ranks best. */
  readonly caption: string;
  readonly rank: number;
  readonly preferred: readonly { readonly caption: string; readonly score: number }[];
}

/** What of a report on retrieval is not numbers. */
export interface RetrievalReport {
  /** Worst first, of the tuned model where there is one. */
  readonly mistakes: readonly Mistake[];
}

export const reportSchema: z.ZodType<RetrievalReport> = z.object({
  mistakes: z.array(
    z.object({
      imageId: z.string(),
      caption: z.string(),
      rank: z.number(),
      preferred: z.array(z.object({ caption: z.string(), score: z.number() })),
    }),
  ),
});
