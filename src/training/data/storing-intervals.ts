/** How often a run stores what it has come to, for the run itself and for what it is expected to take. Milliseconds. */

/** Least time between two savings of weights that are not the best. */
export const weightsInterval = 15_000;

/**
 * Most of a run's time for which training may stand still for checkpoints that nobody asked for. Steps are slower while the browser goes on writing: with
 * what these lose, checkpoints take less than three per cent (`bench/RESULTS.md`).
 */
export const checkpointShare = 0.02;
/** Least time between two checkpoints that nobody asked for. */
const least = 10_000;

/** Time between two checkpoints of a run, of which one takes `cost`. */
export function checkpointInterval(cost: number): number {
  return Math.max(least, cost / checkpointShare);
}
