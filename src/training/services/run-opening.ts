import { isImporting } from '../../dataset/recovery';
import type { Executor } from '../../engine/executor';
import type { Recipe } from '../../recipe/schema';
import type { Run, RunBase } from '../../runs/types';
import { StudioError } from '../../protocol/errors';
import type { Backend } from '../compute/backend';
import { imagesOf, pairsOf, type DatasetView } from '../data/dataset-view';
import { planRun, type RunPlan } from '../data/plan';
import { checkMemory } from '../session/memory-check';
import type { Reporter } from '../session/reporter';
import { situationOf, type RunSituation } from '../session/run-memory';
import { workerOf } from '../tasks';
import { partsOf, refuseOther } from './going-on';
import type { ModelLibrary, OpenedModel } from './models';
import { runBase } from './weights';

/** What a run is on: its model and data, and what computes it. */
export interface OpenedRun {
  readonly model: OpenedModel;
  /** Telling large weights apart takes a moment, in which the device is prepared. */
  readonly base: Promise<RunBase>;
  readonly view: DatasetView;
  readonly plan: RunPlan;
  readonly executor: Executor;
  readonly situation: RunSituation;
}

interface OpeningServices {
  readonly backend: Backend;
  readonly models: ModelLibrary;
}

/**
 * Opens model and data of a run, and refuses one that cannot be trained before anything is moved to the device.
 *
 * @throws StudioError `busy` while pictures are being added; `mismatch`; `too-few`; `does-not-fit`
 */
export async function openRun(
  { backend, models }: OpeningServices,
  { datasetId, left }: { readonly datasetId: string; readonly left: Run | null },
  recipe: Recipe,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<OpenedRun> {
  reporter.phase('preparing', 'Opening the model, and trying what computes it fastest');
  // What goes on does so from the weights that it began with, whichever hub was named since.
  const model = await models.openAt(recipe.model, left?.base?.hub ?? models.usualHub, { signal });
  const base = runBase(model);
  base.catch(() => undefined);
  reporter.phase('preparing', 'Reading the dataset');
  if (await isImporting(datasetId)) {
    throw new StudioError(
      'busy',
      'Pictures are being added to this dataset. Wait for them, or cancel, and start again.',
    );
  }
  const view = await workerOf(recipe).load(datasetId, recipe);
  signal.throwIfAborted();
  if (left !== null) refuseOther(left, view, await base);
  const planned = planRun(recipe, pairsOf(view, imagesOf(view, 'train')).length, imagesOf(view, 'validation').length);
  const plan = { ...planned, microBatches: left === null ? planned.microBatches : partsOf(left, planned) };
  reporter.phase('preparing', 'Choosing what to train on');
  const executor = await backend.executor(model);
  signal.throwIfAborted();
  const situation = situationOf(view, plan, model.architecture, executor);
  checkMemory(recipe, situation, await backend.capacity(executor.kind));
  return { model, base, view, plan, executor, situation };
}
