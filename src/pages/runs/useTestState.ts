import type { Run } from '../../runs/types';
import { useEvaluations } from '../../stores/evaluation';
import type { Job } from '../../stores/jobs';
import { useDataStore } from '../../stores/data';
import { useRunStore } from '../../stores/run';
import { testResult } from '../../runs/tested';
import { mayMeasureTest, measureTest, testKey } from '../../stores/testAfterRun';
import type { EvaluationReport } from '../../protocol/evaluation';
import { taskIdOf } from '../../tasks';
import type { TestState } from './ResultCard';

/** What is known of a stored run on its test pictures; null while the run is not stored or goes on. */
export function useTestState(runId: string): TestState | null {
  const run = useRunStore(({ runs }) => runs?.find(({ id }) => id === runId) ?? null);
  // Measuring depends on the dataset in use, as it is.
  useDataStore(({ dataset }) => dataset);
  const job = useEvaluations(({ jobs }) => (run === null ? undefined : jobs[testKey(run)]));
  if (run === null || run.state === 'running') return null;
  return {
    task: taskIdOf(run.recipe),
    pictures: run.dataset.test,
    result: testResult(run),
    reason: reasonOf(run, job),
    measure: () => measureTest(run),
  };
}

function reasonOf(run: Run, job: Job<EvaluationReport> | undefined): string | null {
  if (run.dataset.test === 0) return 'There were no test pictures.';
  if (run.weightsStep === null) return 'No weights were kept that could be measured.';
  if (run.weightsStep === 0) return 'The base model is kept, so there is nothing to compare.';
  if (job?.state === 'running') return 'Being measured …';
  if (job?.state === 'done' && job.result.dataChanged)
    return 'The data has changed since this run, so that its test pictures may have been trained on.';
  return mayMeasureTest(run) ? null : `Not measured yet. Choose ${run.dataset.name} on the Data page to measure it.`;
}
