import { imagesOf } from '../data/dataset-view';
import { yieldToMessages } from '../device-lock';
import type { RequestContext } from './dispatcher';
import { StudioError, throwIfCancelled } from '../../protocol/errors';
import type { EvaluationReport } from '../../protocol/evaluation';
import type { Requests } from '../../protocol/protocol';
import type { TestResult } from '../../protocol/training';
import { defaultRecipe } from '../../recipe/fields';
import { taskIdOf, taskOf } from '../../tasks';
import { changesOf, firstChanges } from '../../tasks/changes';
import { hasChangedSince } from '../data/run-data';
import { putTestResult, readRun } from '../../runs/store';
import type { Run } from '../../runs/types';
import type { Metrics } from '../../tasks/metrics';
import { workerOf } from '../tasks';
import type { ReportOptions, TaskReport } from '../tasks/report';
import { reportedOf } from '../tasks/reported';
import { baseRef, type WeightsRegistry } from './weights';

/** What an evaluation was asked to measure, and how. */
export interface AskedReport {
  readonly options: ReportOptions;
  readonly report: (options: ReportOptions) => Promise<TaskReport>;
  readonly run: Run | null;
  readonly dataChanged: boolean;
}

/**
 * Finds weights and data of an evaluation: the recipe is that of the run, or the one asked for where the base model stands alone.
 *
 * @throws StudioError `too-few` when the split is empty
 */
export async function askedReport(
  registry: Pick<WeightsRegistry, 'find'>,
  { weights: ref, datasetId, split, recipe: asked }: Requests['evaluate']['params'],
  context: RequestContext,
): Promise<AskedReport> {
  const { signal } = context;
  const weights = await registry.find(ref, signal);
  const recipe = weights.run?.recipe ?? asked ?? defaultRecipe;
  const worker = workerOf(recipe);
  const view = await worker.load(datasetId, recipe);
  const images = imagesOf(view, split);
  if (images.length === 0) {
    throw new StudioError(
      'too-few',
      `There are no pictures in the ${split} split that take part. Change the split on the Data page.`,
    );
  }
  const { run } = weights;
  const options: ReportOptions = {
    view,
    images,
    base: run === null ? weights : await registry.find(baseRef(weights.model), signal),
    tuned: run === null ? null : weights,
    recipe,
    labels: run?.labels ?? null,
    scales: run?.scales ?? null,
    kept: run === null ? {} : keptMetrics(run),
    signal,
    progress: (label, done, total) => context.progress({ label, done, total }),
    pause: pauseOf(context),
  };
  return { options, report: worker.report, run, dataChanged: run !== null && hasChangedSince(run, view) };
}

/**
 * What weights score on a split, base against tuned, as the task shows it.
 *
 * @throws StudioError `too-few` when the split is empty
 */
export async function evaluationReport(
  registry: Pick<WeightsRegistry, 'find'>,
  params: Requests['evaluate']['params'],
  context: RequestContext,
): Promise<EvaluationReport> {
  const { options, report, dataChanged } = await askedReport(registry, params, context);
  const { recipe, view } = options;
  const found = await reportedOf(await report(options), taskOf(recipe), view.dataset, options);
  return { task: taskIdOf(recipe), split: params.split, dataChanged, ...found };
}

/** Makes a report, and notes it with the run where it is of the run's own test pictures. */
export async function evaluateAndKeep(
  registry: Pick<WeightsRegistry, 'find'>,
  params: Requests['evaluate']['params'],
  context: RequestContext,
): Promise<EvaluationReport> {
  const report = await evaluationReport(registry, params, context);
  const run = params.weights.kind === 'run' ? await readRun(params.weights.runId) : null;
  const test = run === null ? null : testResultOf(report, run, params.datasetId);
  if (run !== null && test !== null) {
    // The report is there all the same; it can be made again.
    await putTestResult(run.id, test).catch(() => undefined);
  }
  return report;
}

/** Samples of each kind of change that a run's record keeps. */
const keptChanges = 40;

/** What was measured at the step whose weights a run kept; nothing where it was not. */
export function keptMetrics({ evaluations, weightsStep }: Run): Metrics {
  return evaluations.find(({ step }) => step === weightsStep)?.metrics ?? {};
}

/**
 * The part of a report that a run's record keeps; null where it says nothing of pictures that the run had no part in: on other splits, on data
 * that was changed after the run, or on another dataset.
 */
export function testResultOf(
  { split, dataChanged, base, tuned, change, about, outcomes }: EvaluationReport,
  run: Run,
  datasetId: string,
): TestResult | null {
  if (split !== 'test' || dataChanged || tuned === null) return null;
  if (run.dataset.id !== datasetId || run.state === 'running') return null;
  if (run.weightsStep === null) return null;
  const changes = changesOf(outcomes);
  const kept = changes === null ? null : firstChanges(changes, keptChanges);
  return { step: run.weightsStep, base, tuned, change, about, changes: kept };
}

function pauseOf({ signal }: RequestContext): () => Promise<void> {
  return async () => {
    await yieldToMessages();
    throwIfCancelled(signal);
  };
}
