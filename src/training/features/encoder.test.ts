import { expect, test, vi } from 'vitest';
import { DeviceLock } from '../device-lock';
import { Encoder } from './encoder';
import { FakeExecutor } from '../testing/fakes';
import { tinyModel } from '../testing/tiny-model';

test('weights that cannot be written leave nothing on the device', async () => {
  const executor = new FakeExecutor();
  const failure = new Error('No room.');
  vi.spyOn(executor.store, 'write').mockRejectedValue(failure);
  const dispose = vi.spyOn(executor.store, 'dispose');
  const changed = new Map([['w', Float32Array.of(1)]]);
  await expect(Encoder.create(tinyModel(), executor, new DeviceLock(), changed)).rejects.toBe(failure);
  expect(dispose).toHaveBeenCalledOnce();
});
