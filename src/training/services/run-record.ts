import { stepFlops } from '../../engine/graph/flops';
import { nextColour } from '../../runs/colours';
import { changesSince } from '../../runs/since';
import { listRuns } from '../../runs/store';
import type { Run, RunBase } from '../../runs/types';
import type { Requests } from '../../protocol/protocol';
import { imagesOf, type DatasetView } from '../data/dataset-view';
import type { RunPlan } from '../data/plan';
import type { TrainingTask } from '../tasks/task';

/** What the record of a run says from its beginning on. */
interface Beginning {
  readonly request: Requests['train']['params'];
  readonly view: DatasetView;
  readonly plan: RunPlan;
  readonly base: RunBase;
  readonly environment: Run['environment'];
  readonly kernels: Run['kernels'];
  readonly task: Pick<TrainingTask, 'program' | 'labels' | 'scales'>;
}

/**
 * The record of a run that begins, with its colour, and in what it differs from the one before it; a list of runs that cannot be read keeps none from
 * beginning.
 */
export async function newRecord(beginning: Beginning): Promise<Run> {
  const run = recordOf(beginning);
  const { items } = await listRuns().catch(() => ({ items: [] }));
  return { ...run, since: changesSince(run, items), colour: nextColour(items) };
}

function recordOf({ request, view, plan, base, environment, kernels, task }: Beginning): Run {
  const { runId, name, recipe, datasetId, sweep } = request;
  const { stepsPerEpoch, batchSize, microBatches, evaluateEvery } = plan;
  const { labels, scales = null } = task;
  return {
    id: runId,
    name,
    recipe,
    base,
    plan: { stepsPerEpoch, batchSize, microBatches, evaluateEvery },
    dataset: {
      id: datasetId,
      name: view.dataset.name,
      images: view.images.length,
      train: imagesOf(view, 'train').length,
      validation: imagesOf(view, 'validation').length,
      test: imagesOf(view, 'test').length,
      split: view.dataset.split,
      fingerprint: view.fingerprint,
    },
    environment,
    kernels,
    work: {
      samplesPerEpoch: plan.samples,
      flopsPerStep: stepFlops(task.program, { microBatches, checkpointing: recipe.gradientCheckpointing }),
    },
    createdAt: Date.now(),
    endedAt: null,
    state: 'running',
    message: '',
    totalSteps: plan.totalSteps,
    stepsDone: 0,
    seconds: 0,
    events: [],
    baseline: null,
    evaluations: [],
    bestStep: null,
    weightsStep: null,
    tensors: [],
    predictions: null,
    labels: labels === null ? null : [...labels],
    scales: scales === null ? null : [...scales],
    test: null,
    sweep: sweep ?? null,
    remarks: '',
    tags: [],
  };
}
