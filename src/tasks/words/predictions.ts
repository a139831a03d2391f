import { z } from 'zod';

/** A sample that words were written for, before and after training. */
export interface WrittenSample {
  readonly imageId: string;
  /** Null where nothing was asked. */
  readonly question: string | null;
  /** What would be right, in words; the first before all others. */
  readonly wanted: readonly string[];
  readonly base: string;
  readonly tuned: string;
}

/** The same few validation samples at each evaluation. */
export const writtenSchema: z.ZodType<readonly WrittenSample[]> = z.array(
  z.object({
    imageId: z.string(),
    question: z.string().nullable(),
    wanted: z.array(z.string()),
    base: z.string(),
    tuned: z.string(),
  }),
);
