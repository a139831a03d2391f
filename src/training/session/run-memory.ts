import { augmentationSide } from '../../dataset/augmentation';
import type { ExecutorKind } from '../../engine/executor';
import type { ClipConfig } from '../../model/clip/config';
import { clipLayerGroups } from '../../model/clip/groups';
import { pixelSide } from '../../model/clip/stages';
import { estimateTrainingMemory, type MemoryEstimate, type MemoryPlan } from '../../model/memory';
import { augments, repeatsPictures } from '../../recipe/augmentation';
import { remediesFor, type Remedy } from '../../recipe/remedies';
import type { Recipe } from '../../recipe/schema';
import { trainableGroups } from '../../recipe/trainable';
import type { Capacity } from '../compute/capacity';
import { cacheBudget, evaluationRows, pixelBudget, squareBudget } from '../budgets';
import { microBatchCount, microBatchRows, precisionOf } from '../data/plan';
import { planBatches } from '../data/sampler';

/** What a run is on, as far as its memory depends on it. */
export interface RunSituation {
  readonly config: ClipConfig;
  readonly kind: ExecutorKind;
  /** Whether that can train in mixed precision. */
  readonly mixedPrecision: boolean;
  /** Pairs of a picture and a caption in the training split. */
  readonly trainPairs: number;
  /** Pictures of the training and of the validation split, and captions of both. */
  readonly trainImages: number;
  readonly validationImages: number;
  readonly texts: number;
  readonly evaluated: boolean;
}

/** Bytes of a run by purpose, captions counted at their longest; null where nothing is trained. */
export function runMemory(recipe: Recipe, situation: RunSituation): MemoryEstimate | null {
  const { config, kind, trainPairs, trainImages, validationImages, texts, evaluated } = situation;
  const trained = trainableGroups(recipe.method, clipLayerGroups(config));
  if (trained.size === 0) return null;
  const changing = augments(recipe);
  const { batchSize } = planBatches(trainPairs, recipe.batchSize);
  const microBatches = microBatchCount(batchSize, recipe.microBatchSize);
  return estimateOnce(config, {
    batch: microBatchRows({ batchSize, microBatches }),
    microBatches,
    checkpointing: recipe.gradientCheckpointing,
    precision: precisionOf(recipe, situation),
    kind,
    trainableGroups: trained,
    optimizer: { type: recipe.optimizer, momentum: recipe.momentum },
    cachedImages: repeatsPictures(recipe),
    cachedTexts: true,
    squareSide: changing ? augmentationSide(pixelSide(config), { crop: recipe.augmentCrop }) : undefined,
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
const known = new WeakMap<ClipConfig, Map<string, MemoryEstimate>>();
const mostKnown = 256;

function estimateOnce(config: ClipConfig, plan: MemoryPlan): MemoryEstimate {
  const estimates = known.get(config) ?? new Map<string, MemoryEstimate>();
  known.set(config, estimates);
  const key = JSON.stringify({ ...plan, trainableGroups: [...plan.trainableGroups] });
  const found = estimates.get(key);
  if (found !== undefined) return found;
  if (estimates.size >= mostKnown) estimates.clear();
  const estimate = estimateTrainingMemory(config, plan);
  estimates.set(key, estimate);
  return estimate;
}

/** A run that cannot fit. */
export interface MemoryShortage {
  /** What needs how much, and how much there is; a sentence. */
  readonly message: string;
  readonly remedies: readonly Remedy[];
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
