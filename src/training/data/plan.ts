import type { Precision } from '../../engine/executor';
import type { Recipe } from '../../recipe/schema';
import { planBatches, type BatchPlan } from './sampler';
import { StudioError } from '../../protocol/errors';

/** How a recipe plays out on a dataset. */
export interface RunPlan extends BatchPlan {
  readonly totalSteps: number;
  /** Samples of an epoch. */
  readonly samples: number;
  /** Steps between evaluations; 0 where there is nothing to evaluate on. */
  readonly evaluateEvery: number;
  /** Parts that a batch is computed in, one after the other, because all of it at once needs more memory. */
  readonly microBatches: number;
  /** What the user should know about how the recipe was read. */
  readonly notes: readonly string[];
}

/** Evaluations of a run whose recipe leaves their number open. */
const usualEvaluations = 20;

/**
 * @param pairs pairs of a picture and a caption in the training split
 * @param validationImages pictures in the validation split
 * @throws StudioError `too-few`
 */
export function planRun(recipe: Recipe, pairs: number, validationImages: number): RunPlan {
  if (pairs < 2) {
    throw new StudioError(
      'too-few',
      `Training compares pictures with each other and needs at least two in the training split; there ${pairs === 1 ? 'is one' : 'are none'}. Add pictures with captions, or change the split.`,
    );
  }
  const batches = planBatches(pairs, recipe.batchSize);
  const totalSteps = recipe.durationUnit === 'steps' ? recipe.steps : recipe.epochs * batches.stepsPerEpoch;
  const wanted = recipe.evaluateEvery === 0 ? Math.ceil(totalSteps / usualEvaluations) : recipe.evaluateEvery;
  const evaluateEvery = validationImages === 0 ? 0 : Math.min(wanted, totalSteps);
  const microBatches = microBatchCount(batches.batchSize, recipe.microBatchSize);
  const notes = notesOn(recipe, batches, pairs, validationImages);
  return { ...batches, samples: pairs, totalSteps, evaluateEvery, microBatches, notes };
}

/**
 * The least number of equal parts of a batch that hold no more pairs than wanted. The size need not divide the batch: parts are as even as rows
 * can be, and what is left of the last one is padding, which the loss leaves out.
 *
 * @param size pairs of a part at most; 0: no limit
 */
export function microBatchCount(batchSize: number, size: number): number {
  return size === 0 ? 1 : Math.ceil(batchSize / size);
}

/** Rows of a compiled step: those of one micro-batch. */
export function microBatchRows({ batchSize, microBatches }: Pick<RunPlan, 'batchSize' | 'microBatches'>): number {
  return Math.ceil(batchSize / microBatches);
}

/**
 * The step at which a run has gone through a share of its length: the nearest one after which it is evaluated anyway, so that to stop there and to
 * go on later changes nothing about it.
 */
export function stepAtShare(
  { totalSteps, evaluateEvery }: Pick<RunPlan, 'totalSteps' | 'evaluateEvery'>,
  share: number,
): number {
  if (share >= 1) return totalSteps;
  const every = Math.max(1, evaluateEvery);
  return Math.min(totalSteps, every * Math.max(1, Math.round((share * totalSteps) / every)));
}

function notesOn(recipe: Recipe, plan: BatchPlan, pairs: number, validationImages: number): readonly string[] {
  const notes: string[] = [];
  if (pairs < recipe.batchSize) {
    notes.push(
      `There are only ${pairs} training samples, so every batch holds all ${pairs} instead of ${recipe.batchSize}.`,
    );
  } else if (plan.batchSize < recipe.batchSize) {
    notes.push(
      `${pairs.toLocaleString('en')} samples are spread evenly over ${plan.stepsPerEpoch} batches of ${plan.batchSize} instead of leaving a short last one.`,
    );
  }
  if (validationImages === 0) {
    notes.push('There are no validation pictures, so the run is not evaluated and the last weights are kept.');
  }
  return notes;
}

/** The precision that a run is trained in: mixed where the recipe wants it and the executor can. */
export function precisionOf(recipe: Recipe, { mixedPrecision }: { readonly mixedPrecision: boolean }): Precision {
  return recipe.mixedPrecision && mixedPrecision ? 'mixed' : 'float32';
}

/** What is to be said where a run is not trained in the precision that its recipe asks for. */
export function precisionNotes(recipe: Recipe, executor: { readonly mixedPrecision: boolean }): readonly string[] {
  if (!recipe.mixedPrecision || executor.mixedPrecision) return [];
  return ['Mixed precision needs WebGPU on a GPU that stores half-precision numbers, so this run is in float32.'];
}
