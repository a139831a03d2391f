import { z } from 'zod';

/** A number of a sample: what is wanted, where it is known, and what was said. */
export interface RatedNumber {
  readonly name: string;
  readonly wanted: number | null;
  readonly base: number;
  readonly tuned: number;
}

/** A picture with the numbers that it was given, before and after. */
export interface RatedPicture {
  readonly imageId: string;
  readonly numbers: readonly RatedNumber[];
}

/** The same few validation pictures at each evaluation. */
export const predictionsSchema: z.ZodType<readonly RatedPicture[]> = z.array(
  z.object({
    imageId: z.string(),
    numbers: z.array(
      z.object({ name: z.string(), wanted: z.number().nullable(), base: z.number(), tuned: z.number() }),
    ),
  }),
);

/** A measured picture: numbers by the columns. */
export interface RatedPoint {
  readonly imageId: string;
  readonly wanted: readonly (number | null)[];
  readonly base: readonly number[];
  /** Null where only the base model was measured. */
  readonly tuned: readonly number[] | null;
}

/** What of a report on numbers is not metrics. */
export interface RegressionReport {
  /** Names of the columns. */
  readonly names: readonly string[];
  readonly points: readonly RatedPoint[];
}

export const reportSchema: z.ZodType<RegressionReport> = z.object({
  names: z.array(z.string()),
  points: z.array(
    z.object({
      imageId: z.string(),
      wanted: z.array(z.number().nullable()),
      base: z.array(z.number()),
      tuned: z.array(z.number()).nullable(),
    }),
  ),
});
