import { pairOf } from '../../../model/architecture';
import type { Architecture, PairLoss } from '../../../model/families/family';
import { addedBias } from '../../../model/pair-graph';
import type { Recipe } from '../../../recipe/schema';
import type { OwnValues } from '../../features/weight-store';

/**
 * The sigmoid loss for models that were not made with it. It needs a scalar that brings similarities around zero, which their checkpoints do not
 * have: during a run it has the value at which the loss of some training pairs is least.
 */

/** The loss that a recipe trains a model with. */
export function pairLossOf({ task }: Pick<Recipe, 'task'>, architecture: Architecture): PairLoss {
  return task.type !== 'contrastive' || task.loss === 'auto' ? pairOf(architecture).loss : task.loss;
}

/** Whether the scalar has to be added for it. */
export function addsBias(recipe: Pick<Recipe, 'task'>, architecture: Architecture): boolean {
  return pairLossOf(recipe, architecture) === 'sigmoid' && pairOf(architecture).logits.bias === null;
}

/** What the sigmoid loss adds to a model's tensors while it is trained. */
export function lossTensors(recipe: Pick<Recipe, 'task'>, architecture: Architecture): readonly OwnValues[] {
  return addsBias(recipe, architecture) ? [{ ...addedBias, values: Float32Array.of(0) }] : [];
}

/** Pairs that the scalar is fitted to. */
export const fittedPairs = 64;
/** More rounds than halving the range from end to end to a thousandth takes. */
const rounds = 24;
const widest = 1000;

/**
 * The value to add to logits at which the sigmoid loss is least: the loss is convex in it, and its slope, the sum of what is predicted less that of
 * what is true, grows from -pairs to the rest of them.
 *
 * @param images L2-normalised `[pairs, width]`, in the order of `captions`
 * @param scale that similarities are multiplied by
 */
export function fittingBias(images: Float32Array, captions: Float32Array, width: number, scale: number): number {
  const pairs = images.length / width;
  const logits: number[] = [];
  for (let i = 0; i < pairs; i++) {
    for (let j = 0; j < pairs; j++) {
      let sum = 0;
      for (let at = 0; at < width; at++) sum += (images[i * width + at] ?? 0) * (captions[j * width + at] ?? 0);
      logits.push(scale * sum);
    }
  }
  let [low, high] = [-widest, widest];
  for (let round = 0; round < rounds; round++) {
    const bias = (low + high) / 2;
    const predicted = logits.reduce((sum, logit) => sum + 1 / (1 + Math.exp(-logit - bias)), 0);
    if (predicted > pairs) high = bias;
    else low = bias;
  }
  return (low + high) / 2;
}
