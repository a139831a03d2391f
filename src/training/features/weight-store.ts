import type { Executor, ParameterStore, TensorLookup } from '../../engine/executor';
import { modelParameters } from '../../model/architecture';
import type { ParameterPart } from '../../engine/graph/value';
import type { WeightDelta } from '../../runs/weight-set';
import { pieceBytes } from '../../storage/pieces';
import type { DeviceLock } from '../device-lock';
import type { ModelHandle } from '../model-handle';

/** A tensor beside those of a model, with what is in it. */
export interface OwnValues extends ParameterPart {
  readonly values: Float32Array;
}

/**
 * Puts a set of weights of a model on the device: those of the base, and over them what differs, of which only a few tensors are in memory at a time.
 *
 * @param delta null for the base as it is; what it has besides the model's tensors is left out
 * @param own tensors beside the model's
 */
export async function createWeightStore(
  model: Pick<ModelHandle, 'architecture' | 'tensors'>,
  delta: WeightDelta | null,
  executor: Executor,
  lock: DeviceLock,
  own: readonly OwnValues[] = [],
): Promise<ParameterStore> {
  const parameters = modelParameters(model.architecture, own);
  const added = new Map(own.map(({ name, values }) => [name, values]));
  // Looked up one by one: a model's tensors are decoded as they are asked for.
  const tensors: TensorLookup = {
    get: (name) => added.get(name) ?? model.tensors.get(name),
    has: (name) => added.has(name) || model.tensors.has(name),
  };
  const store = await lock.run(() => executor.createStore(parameters, tensors));
  const known = new Set(parameters.flatMap(({ parts }) => parts.map(({ name }) => name)));
  // What a task added to the model is no part of its towers.
  const names = delta?.names.filter((name) => known.has(name)) ?? [];
  try {
    let group = new Map<string, Float32Array>();
    let bytes = 0;
    const write = async (): Promise<void> => {
      const full = group;
      group = new Map();
      bytes = 0;
      await lock.run(() => store.write(full));
    };
    for await (const [name, values] of delta?.read(names) ?? []) {
      if (!known.has(name)) continue;
      group.set(name, values);
      bytes += values.byteLength;
      if (bytes >= pieceBytes) await write();
    }
    if (group.size > 0) await write();
    return store;
  } catch (error) {
    await lock.run(() => Promise.resolve(store.dispose()));
    throw error;
  }
}
