import type { LiveRun } from '../../stores/liveRun';

/** Part by which what there is to read must have grown. */
const growth = 0.05;

/**
 * Whether a run has come far enough for the adviser to be asked again, who reads all of its steps and evaluations: when a twentieth more of either has
 * come, and when something else has changed that it goes by. So each step is read a bounded number of times, however long the run.
 *
 * @param asked the run when the adviser was asked last
 */
export function advisedAnew(asked: LiveRun, live: LiveRun): boolean {
  return (
    asked.runId !== live.runId ||
    asked.baseline !== live.baseline ||
    asked.totalSteps !== live.totalSteps ||
    asked.batchSize !== live.batchSize ||
    asked.end !== live.end ||
    hasGrown(asked.metrics, live.metrics) ||
    hasGrown(asked.evaluations, live.evaluations)
  );
}

/** Of a run that goes on from a checkpoint they have become fewer. */
function hasGrown(before: { readonly length: number }, now: { readonly length: number }): boolean {
  return now.length < before.length || now.length > before.length * (1 + growth);
}
