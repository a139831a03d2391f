import type { Executor, ParameterStore } from '../../engine/executor';
import { modelParameters } from '../../model/architecture';
import type { WeightDelta } from '../../runs/weight-set';
import { PIECE_BYTES } from '../../storage/pieces';
import type { DeviceLock } from '../device-lock';
import type { ModelHandle } from '../model-handle';

/**
 * Puts a set of weights of a model on the device: those of the base, and over them what differs, of which only a few tensors are in memory at a time.
 *
 * @param delta null for the base as it is
 */
export async function createWeightStore(
  model: Pick<ModelHandle, 'architecture' | 'tensors'>,
  delta: WeightDelta | null,
  executor: Executor,
  lock: DeviceLock,
): Promise<ParameterStore> {
  const store = await lock.run(() => executor.createStore(modelParameters(model.architecture), model.tensors));
  try {
    let group = new Map<string, Float32Array>();
    let bytes = 0;
    const write = async (): Promise<void> => {
      const full = group;
      group = new Map();
      bytes = 0;
      await lock.run(() => store.write(full));
    };
    for await (const [name, values] of delta?.read() ?? []) {
      group.set(name, values);
      bytes += values.byteLength;
      if (bytes >= PIECE_BYTES) await write();
    }
    if (group.size > 0) await write();
    return store;
  } catch (error) {
    await lock.run(() => Promise.resolve(store.dispose()));
    throw error;
  }
}
