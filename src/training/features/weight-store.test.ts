import { expect, test, vi } from 'vitest';
import { modelTensors } from '../../model/architecture';
import { heldDelta } from '../../runs/weight-set';
import { pieceBytes } from '../../storage/pieces';
import { DeviceLock } from '../device-lock';
import { FakeExecutor } from '../testing/fakes';
import { tinyModel } from '../testing/tiny-model';
import { createWeightStore } from './weight-store';

test('weights that cannot be written leave nothing on the device', async () => {
  const executor = new FakeExecutor();
  const failure = new Error('No room.');
  vi.spyOn(executor.store, 'write').mockRejectedValue(failure);
  const dispose = vi.spyOn(executor.store, 'dispose');
  const delta = heldDelta(new Map([['logit_scale', Float32Array.of(1)]]));
  await expect(createWeightStore(tinyModel(), delta, executor, new DeviceLock())).rejects.toBe(failure);
  expect(dispose).toHaveBeenCalledOnce();
});

test('what differs from the base is written a few tensors at a time, without what the base does not have', async () => {
  const executor = new FakeExecutor();
  const written: string[][] = [];
  vi.spyOn(executor.store, 'write').mockImplementation((tensors) => {
    written.push([...tensors.keys()]);
    return Promise.resolve();
  });
  const of = (bytes: number) => new Float32Array(bytes / 4);
  const [a = '', b = '', c = '', d = ''] = modelTensors(tinyModel().architecture).map(({ name }) => name);
  const tensors = new Map([
    [a, of(4)],
    [b, of(pieceBytes)],
    ['of a head', of(4)],
    [c, of(4)],
    [d, of(4)],
  ]);
  await createWeightStore(tinyModel(), heldDelta(tensors), executor, new DeviceLock());
  expect(written).toEqual([
    [a, b],
    [c, d],
  ]);
  await createWeightStore(tinyModel(), null, executor, new DeviceLock());
  expect(written).toHaveLength(2);
});
