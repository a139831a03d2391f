import { augmentationSide } from '../../dataset/augmentation';
import type { Executor } from '../../engine/executor';
import type { Architecture } from '../../model/families/family';
import { estimateTrainingMemory, type MemoryEstimate, type MemoryPlan } from '../../model/memory';
import type { MemoryShortage, RunCounts } from '../../protocol/run-needs';
import { augments, repeatsPictures } from '../../recipe/augmentation';
import { remediesFor, type Remedy } from '../../recipe/remedies';
import type { Recipe } from '../../recipe/schema';
import { trainableGroups } from '../../recipe/trainable';
import type { Capacity } from '../compute/capacity';
import { cacheBudget, evaluationRows, pixelBudget, squareBudget } from '../budgets';
import { imagesOf, pairsOf, type DatasetView } from '../data/dataset-view';
import { microBatchCount, microBatchRows, precisionOf, type RunPlan } from '../data/plan';
import { workerOf } from '../tasks';
import type { TaskMemory } from '../tasks/memory';
import { planBatches } from '../data/sampler';

/** What a run is on, as far as its memory depends on it. */
export interface RunSituation extends RunCounts {
  readonly architecture: Architecture;
}

/** The situation of a run on some data. */
export function situationOf(
  view: DatasetView,
  plan: Pick<RunPlan, 'evaluateEvery'>,
  architecture: Architecture,
  executor: Executor,
): RunSituation {
  const train = imagesOf(view, 'train');
  const validation = imagesOf(view, 'validation');
  return {
    architecture,
    kind: executor.kind,
    mixedPrecision: executor.mixedPrecision,
    trainPairs: pairsOf(view, train).length,
    trainImages: train.length,
    validationImages: validation.length,
    texts: new Set([...train, ...validation].flatMap((image) => view.captionsOf[image] ?? [])).size,
    evaluated: plan.evaluateEvery > 0,
  };
}

/** Bytes of a run by purpose, captions counted at their longest; null where nothing is trained. */
export function runMemory(recipe: Recipe, situation: RunSituation): MemoryEstimate | null {
  const { architecture, kind, trainPairs, trainImages, validationImages, texts, evaluated } = situation;
  const trained = trainableGroups(recipe.method, architecture.groups);
  const task = workerOf(recipe).memory({ recipe, architecture, texts });
  if (trained.size === 0 && task.ownTrained.length === 0) return null;
  const changing = augments(recipe);
  const { batchSize } = planBatches(trainPairs, recipe.batchSize);
  const microBatches = microBatchCount(batchSize, recipe.microBatchSize);
  return estimateOnce(architecture, recipe.task, task, {
    batch: microBatchRows({ batchSize, microBatches }),
    microBatches,
    checkpointing: recipe.gradientCheckpointing,
    precision: precisionOf(recipe, situation),
    kind,
    trainableGroups: trained,
    ownTrained: task.ownTrained,
    optimizer: { type: recipe.optimizer, momentum: recipe.momentum },
    towers: task.towers.map((tower) => ({ ...tower, cached: tower.tower === 'text' || repeatsPictures(recipe) })),
    squareSide: changing ? augmentationSide(architecture.image.pixels, { crop: recipe.augmentCrop }) : undefined,
    cache: {
      texts,
      // Views have outputs of their own; where training sees no picture twice, only those of evaluation are kept.
      images: changing ? [trainImages * recipe.cachedViews, validationImages] : [trainImages + validationImages],
      budget: cacheBudget,
    },
    pictures: {
      plain: { count: validationImages + (changing ? 0 : trainImages), budget: pixelBudget },
      squares: { count: changing ? trainImages : 0, budget: squareBudget },
    },
    evaluationRows: evaluated ? evaluationRows : 0,
  });
}

/** Estimates made so far, by plan: a form asks at every keystroke, mostly for what has not changed. */
const known = new WeakMap<Architecture, Map<string, MemoryEstimate>>();
const mostKnown = 256;

function estimateOnce(
  architecture: Architecture,
  fields: Recipe['task'],
  task: TaskMemory,
  plan: MemoryPlan,
): MemoryEstimate {
  const estimates = known.get(architecture) ?? new Map<string, MemoryEstimate>();
  known.set(architecture, estimates);
  const key = JSON.stringify({ fields, ...plan, trainableGroups: [...plan.trainableGroups] });
  const found = estimates.get(key);
  if (found !== undefined) return found;
  if (estimates.size >= mostKnown) estimates.clear();
  const estimate = estimateTrainingMemory(architecture, plan, task);
  estimates.set(key, estimate);
  return estimate;
}

/** What keeps a run from fitting, with what would help; null where nothing is known to. */
export function memoryShortage(recipe: Recipe, situation: RunSituation, capacity: Capacity): MemoryShortage | null {
  const needed = runMemory(recipe, situation);
  if (needed === null || fits(needed, capacity)) return null;
  const { batchSize } = planBatches(situation.trainPairs, recipe.batchSize);
  const remedies = remediesFor(recipe, {
    batch: batchSize,
    mixedPrecision: situation.mixedPrecision,
    fits: (changed) => {
      const estimate = runMemory(changed, situation);
      return estimate !== null && fits(estimate, capacity);
    },
  });
  return { message: shortageMessage(needed, capacity), remedies };
}

function shortageMessage({ total, largest, tab, cache, pictures }: MemoryEstimate, capacity: Capacity): string {
  if (total > capacity.total) {
    return `This run needs about ${inGigabytes(total)}, and ${inGigabytes(capacity.total)} can be used.`;
  }
  if (largest > capacity.tensor) {
    return `This run has a tensor of ${inGigabytes(largest)}, and the graphics adapter takes ${inGigabytes(capacity.tensor)} at most.`;
  }
  const kept = `${inGigabytes(pictures)} of decoded pictures and ${inGigabytes(cache)} of outputs of frozen layers`;
  return `This run needs about ${inGigabytes(tab)} of the tab's memory, with ${kept}, and ${inGigabytes(capacity.tab)} can be used.`;
}

/** Share of its memory that a run must lose to be worth another try where the device has no room for it. */
const markedlyLess = 0.75;

/** What would make a run markedly smaller, for a device that does not tell how much it can hold. */
export function lighterRuns(recipe: Recipe, situation: RunSituation): readonly Remedy[] {
  const needed = runMemory(recipe, situation);
  if (needed === null) return [];
  const { batchSize } = planBatches(situation.trainPairs, recipe.batchSize);
  return remediesFor(recipe, {
    batch: batchSize,
    mixedPrecision: situation.mixedPrecision,
    fits: (changed) => {
      const estimate = runMemory(changed, situation);
      return estimate !== null && estimate.total <= markedlyLess * needed.total;
    },
  });
}

function fits({ total, largest, tab }: MemoryEstimate, capacity: Capacity): boolean {
  return total <= capacity.total && largest <= capacity.tensor && tab <= capacity.tab;
}

function inGigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(bytes < 1e8 ? 2 : 1)} GB`;
}
