import type { TrainerOptions } from '../../engine/executor';
import { precisionOf } from '../data/plan';
import type { SessionOptions } from './session-options';

/** How a recipe's step is compiled. */
export function trainerOptions({
  recipe,
  plan,
  groups,
  device,
}: Pick<SessionOptions, 'recipe' | 'plan' | 'groups' | 'device'>): TrainerOptions {
  const { optimizer, beta1, beta2, epsilon, momentum, weightDecay, maxGradNorm } = recipe;
  return {
    optimizer:
      optimizer === 'sgd' ? { type: 'sgd', momentum, nesterov: false } : { type: optimizer, beta1, beta2, epsilon },
    weightDecay,
    groups,
    maxGradNorm: maxGradNorm === 0 ? null : maxGradNorm,
    checkpointing: recipe.gradientCheckpointing,
    precision: precisionOf(recipe, device.executor),
    microBatches: plan.microBatches,
  };
}
