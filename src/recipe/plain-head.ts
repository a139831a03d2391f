import type { Recipe } from './schema';

/**
 * Whether a recipe trains a linear layer on the mean of a picture's patches and nothing else: the head of Transformers' image classifiers, in which each
 * class is a weighted sum of what stands in the picture.
 */
export function hasPlainHead({ task }: Pick<Recipe, 'task'>): boolean {
  if (task.type !== 'classification') return false;
  return task.input === 'picture' && task.head === 'linear' && task.labelKind !== 'ordered';
}
