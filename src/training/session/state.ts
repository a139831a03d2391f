import { z } from 'zod';
import { computerSchema } from '../../runs/computer';

const count = z.int().min(0);

/**
 * What a session knows between two steps besides the weights and what its trainer keeps: from all three the run goes on as if it had never
 * stopped. Everything random is drawn from the recipe's seed and the number of the step or epoch, so there is no state of it. Plain data, for
 * storage: infinities, which JSON does not have, are null.
 */
export const sessionStateSchema = z.object({
  /** Steps issued, all of them read back. */
  step: count,
  /** Step of the last evaluation; 0 before the first. */
  lastEvaluated: count,
  /** Seconds of training, pauses left out. */
  seconds: z.number().min(0),
  selection: z.object({
    best: z.object({ step: count, score: z.number(), loss: z.number().nullable() }).nullable(),
    reached: z.number().nullable(),
    without: count,
  }),
  health: z.object({
    unusable: count,
    lastLoss: z.number().nullable(),
    /** Absent in checkpoints of versions that did not watch the norm. */
    norm: z.object({ first: z.number(), usual: z.number(), seen: count }).optional(),
  }),
  /** What computed it, noted by `Checkpoints`; absent in checkpoints of versions that did not note it. */
  computer: computerSchema.optional(),
});
export type SessionState = z.infer<typeof sessionStateSchema>;

/** A run between two of its steps. */
export interface SessionSnapshot {
  readonly state: SessionState;
  /** Tensors that training changes by checkpoint name, with those that the task adjusts. */
  readonly weights: ReadonlyMap<string, Float32Array>;
  /** What the trainer keeps, see `Trainer.snapshot`. */
  readonly trainer: ReadonlyMap<string, Float32Array>;
}
