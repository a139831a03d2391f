import { z } from 'zod';

const seconds = z.number().nonnegative();

/** What the parts of a run take on this machine, in seconds, as a few of its steps and evaluations took. */
export const runTimingSchema = z.strictObject({
  /** Until the first step: weights are moved to the device, and the step is compiled. */
  start: seconds,
  /** The evaluation before the first step, which sees the validation samples for the first time; 0 where there are none. */
  firstEvaluation: seconds,
  /** Each later one. */
  evaluation: seconds,
  step: seconds,
  /** By how much longer a step takes whose samples are new: they are read, and the frozen layers compute what is kept of them. */
  firstSight: seconds,
  /** Storing the weights that are trained, as is done whenever they are the best so far. */
  weights: seconds,
  /** Storing a checkpoint. */
  checkpoint: seconds,
  /** Steps that were timed, behind one for warming up. */
  timedSteps: z.int().positive(),
});

export type RunTiming = z.infer<typeof runTimingSchema>;
