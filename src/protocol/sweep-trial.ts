import { z } from 'zod';

/** Which trial of which sweep a run is. */
export const sweepTrialSchema = z.object({
  /** Id of the sweep. */
  id: z.string(),
  /** From 1, in the order in which trials began. */
  trial: z.int().min(1),
});
export type SweepTrial = Readonly<z.infer<typeof sweepTrialSchema>>;
