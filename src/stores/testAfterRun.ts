import type { Run } from '../runs/types';
import { hasWeights, weightsKey, weightsOf } from './chosenWeights';
import { dataKey } from './dataKey';
import { evaluationKey, useEvaluations } from './evaluation';
import { useDataStore } from './data';
import { useRunStore } from './run';

/**
 * The test pictures judge a run without having had a part in it, so they are measured by themselves when it ends. The job is the one that the
 * Evaluate page shows; the worker notes its result with the run.
 */
export function measureTestAfterRuns(): void {
  const tried = new Set<string>();
  useRunStore.subscribe(({ live, runs, active, discarding }) => {
    if (live === null || live.end === null || live.end.reason === 'failed' || discarding === live.runId) return;
    if (active !== null || tried.has(live.runId)) return;
    const run = runs?.find(({ id, state }) => id === live.runId && state !== 'running');
    if (run === undefined) return;
    tried.add(run.id);
    // Trials of a sweep are told apart on the validation pictures alone.
    if (!run.sweep && mayMeasureTest(run)) measureTest(run);
  });
  useEvaluations.subscribe(({ jobs }, before) => {
    const measured = Object.entries(jobs).some(
      ([key, job]) => job.state === 'done' && job.result.split === 'test' && before.jobs[key]?.state === 'running',
    );
    if (measured) void useRunStore.getState().refresh();
  });
}

/** Whether there is something to measure: trained weights, test pictures, and the run's dataset in use. */
export function mayMeasureTest(run: Run): boolean {
  const { weightsStep, dataset } = run;
  if (weightsStep === null || weightsStep === 0 || dataset.test === 0) return false;
  return hasWeights(run, new Set()) && useDataStore.getState().dataset?.id === dataset.id;
}

/** Starts measuring. */
export function measureTest(run: Run): void {
  useEvaluations.getState().start(testKey(run), {
    weights: weightsOf(run, run.recipe.model),
    datasetId: run.dataset.id,
    split: 'test',
  });
}

/** Key of the job that measures a run's test pictures on the dataset in use. */
export function testKey(run: Run): string {
  const data = dataKey(useDataStore.getState().dataset);
  return evaluationKey(weightsKey(run, run.recipe.model), data, 'test');
}
