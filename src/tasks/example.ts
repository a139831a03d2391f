import type { z } from 'zod';

/** A sample that a run keeps, in words: what was wanted of it, and what both models made of it. */
export interface Example {
  readonly imageId: string;
  /** What it was asked, where samples ask. */
  readonly asked?: string;
  readonly wanted: string;
  readonly base: string;
  readonly tuned: string;
}

/** Examples of the predictions that a run keeps; none of what is not in the form of its task. */
export function examplesBy<Prediction>(
  schema: z.ZodType<readonly Prediction[]>,
  exampleOf: (prediction: Prediction) => readonly Example[],
): (predictions: unknown) => readonly Example[] {
  return (predictions) => schema.safeParse(predictions).data?.flatMap(exampleOf) ?? [];
}
