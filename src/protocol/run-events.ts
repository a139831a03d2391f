import { z } from 'zod';

/**
 * What came between in a run: changes that the user made, and troubles that it got over. They are part of its record, since its rates and its length
 * follow from them (`Course`); in the order in which they happened.
 */

/** Why steps could not be used. `zero-loss`: a GPU that drops its commands gives exactly zero. `norm`: the gradients' norm exploded. */
const stepTroubles = ['not-finite', 'zero-loss', 'norm'] as const;
export type StepTrouble = (typeof stepTroubles)[number];

const common = {
  /** The last step before it took effect. */
  step: z.int().min(0),
  /** Milliseconds since 1970. */
  at: z.number(),
};

export const runEventSchema = z.discriminatedUnion('kind', [
  /** The highest learning rate was changed. */
  z.object({ kind: z.literal('rate'), ...common, from: z.number(), to: z.number() }),
  /** The number of steps was changed. */
  z.object({ kind: z.literal('length'), ...common, from: z.int(), to: z.int() }),
  /** A step was left out. */
  z.object({ kind: z.literal('skipped'), ...common, reason: z.enum(stepTroubles) }),
  /** The run went back to `step`, from a later one, and goes on with a lower rate. */
  z.object({
    kind: z.literal('rolled-back'),
    ...common,
    since: z.int(),
    reason: z.enum(stepTroubles),
    from: z.number(),
    to: z.number(),
  }),
  /** Memory did not suffice: batches are computed in more parts. */
  z.object({ kind: z.literal('micro-batches'), ...common, from: z.int(), to: z.int() }),
  /** The run began as a copy of another one at that step. */
  z.object({ kind: z.literal('branched'), ...common, run: z.string() }),
  /** The run had ended or was interrupted, and went on from here. */
  z.object({
    kind: z.literal('went-on'),
    ...common,
    /** The patience of an early stop had an end and began anew. */
    patience: z.literal(true).optional(),
  }),
  /** It went on from an earlier checkpoint than its newest, that of the step `newest`, which was damaged. */
  z.object({ kind: z.literal('checkpoint-damaged'), ...common, newest: z.int() }),
  /** It went on, with other numbers in their last digits, on another device than the one that had computed up to here. */
  z.object({ kind: z.literal('other-device'), ...common, from: z.string(), to: z.string() }),
]);
export type RunEvent = Readonly<z.infer<typeof runEventSchema>>;

const asked: ReadonlySet<RunEvent['kind']> = new Set(['rate', 'length', 'branched', 'went-on']);

/** True for what the user did not ask for. */
export function isTrouble({ kind }: RunEvent): boolean {
  return !asked.has(kind);
}

/** The highest rate that a run has after its events. */
export function peakRate(planned: number, events: readonly RunEvent[]): number {
  const changed = events.findLast((event) => event.kind === 'rate' || event.kind === 'rolled-back');
  return changed === undefined ? planned : changed.to;
}
