import type { ParameterPart } from '../../engine/graph/value';
import type { ParameterGroup } from '../../engine/executor';
import { layerRateFactors } from '../../recipe/layer-decay';
import type { GroupPlace } from '../../recipe/trainable';
import type { Recipe } from '../../recipe/schema';
import type { TrainingTask } from '../tasks/task';

/** A layer group of a model with its tensors, as they are called in its checkpoint. */
export interface Layer extends GroupPlace {
  readonly tensors: readonly Pick<ParameterPart, 'name' | 'shape'>[];
}

/**
 * How what is trained is updated: by layer-wise decay of the learning rate, without weight decay where a tensor has fewer than two axes (norms,
 * biases, class embedding, logit scale, as in OpenCLIP), and kept in the ranges that the task asks for.
 *
 * @param layers all layers of the model
 */
export function parameterGroups(
  layers: readonly Layer[],
  { method, weightDecay }: Pick<Recipe, 'method' | 'weightDecay'>,
  { trainable, clamp }: Pick<TrainingTask, 'trainable' | 'clamp'>,
): readonly ParameterGroup[] {
  const trained = new Set(trainable);
  const factors = layerRateFactors(layers, method.layerDecay);
  const groups = new Map<string, ParameterGroup & { readonly names: Set<string> }>();
  for (const { id, tensors } of layers) {
    for (const { name, shape } of tensors) {
      if (!trained.has(name)) continue;
      const range = clamp[name];
      const settings = {
        rateFactor: factors.get(id) ?? 1,
        weightDecay: shape.length < 2 ? 0 : weightDecay,
        ...(range === undefined ? {} : { clamp: range }),
      };
      const key = JSON.stringify(settings);
      const group = groups.get(key) ?? { names: new Set(), ...settings };
      groups.set(key, group);
      group.names.add(name);
    }
  }
  return [...groups.values()];
}
