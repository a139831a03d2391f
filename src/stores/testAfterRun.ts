import type { Run } from '../runs/types';
import { hasWeights, weightsKey, weightsOf } from './chosenWeights';
import { dataKey } from './dataKey';
import { evaluationKey, useEvaluations } from './evaluation';
import { useDataStore } from './data';
import { useRunStore } from './run';

/**
 * The test pictures judge a run without having had a part in it, so they are measured by themselves when it ends. The job is the one that the
 * Evaluate page shows; the worker notes its result with the run. Then the pictures are encoded for the first search in the Playground.
 */
export function measureTestAfterRuns(): void {
  const tried = new Set<string>();
  /** Runs that have ended and whose test pictures are being measured, by the key of that. */
  const measured = new Map<string, Run>();
  useRunStore.subscribe(({ live, runs, active, discarding }) => {
    if (live === null || live.end === null || live.end.reason === 'failed' || discarding === live.runId) return;
    if (active !== null || tried.has(live.runId)) return;
    const run = runs?.find(({ id, state }) => id === live.runId && state !== 'running');
    if (run === undefined) return;
    tried.add(run.id);
    // Trials of a sweep are told apart on the validation pictures alone.
    if (run.sweep) return;
    if (!mayMeasureTest(run)) return void encode(run);
    measured.set(testKey(run), run);
    measureTest(run);
  });
  useEvaluations.subscribe(({ jobs }, before) => {
    for (const [key, run] of measured) {
      if (jobs[key]?.state === 'running') continue;
      measured.delete(key);
      void encode(run);
    }
    const isNew = Object.entries(jobs).some(
      ([key, job]) => job.state === 'done' && job.result.split === 'test' && before.jobs[key]?.state === 'running',
    );
    if (isNew) void useRunStore.getState().refresh();
  });
}

/** Encodes the pictures for the Playground, once there is nothing else to do. */
async function encode(run: Run): Promise<void> {
  if (!hasWeights(run, new Set()) || run.weightsStep === 0) return;
  const { encodeAhead } = await import('./encodeAhead');
  await encodeAhead(run);
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
