import { expect, test } from 'vitest';
import type { ParameterStore } from '../../engine/executor';
import { currentWeights } from './current-weights';
import { DeviceLock } from '../device-lock';
import { FakeExecutor } from '../testing/fakes';

const MiB = 2 ** 20;

/** A store of tensors of so many MiB, each of which is read as its size in one number. */
function storeOf(sizes: Readonly<Record<string, number>>) {
  const asked: (readonly string[])[] = [];
  const store: ParameterStore = {
    specs: Object.entries(sizes).map(([name, size]) => ({
      shape: [size, MiB / 4],
      parts: [{ name, shape: [size, MiB / 4] }],
    })) as unknown as ParameterStore['specs'],
    read: (names = []) => {
      asked.push(names);
      return Promise.resolve(new Map(names.map((name) => [name, Float32Array.of(sizes[name] ?? NaN)])));
    },
    write: () => Promise.resolve(),
    dispose: () => undefined,
  };
  return { asked, device: { executor: new FakeExecutor(), store, lock: new DeviceLock() } };
}

test('weights come a few at a time, so that all of a large model are never in memory at once', async () => {
  const sizes = { a: 10, b: 20, c: 3, d: 100, e: 31, f: 1, g: 1 };
  const { asked, device } = storeOf(sizes);
  const delta = currentWeights(Object.keys(sizes), device);
  const found: (readonly [string, number | undefined])[] = [];
  for await (const [name, values] of delta.read()) found.push([name, values[0]]);
  expect(delta.names).toEqual(Object.keys(sizes));
  expect(found).toEqual(Object.entries(sizes));
  expect(asked).toEqual([['a', 'b'], ['c'], ['d'], ['e', 'f'], ['g']]);
});

test('they can be read again, where the first reading found no room', async () => {
  const { asked, device } = storeOf({ a: 1 });
  const delta = currentWeights(['a'], device);
  for (let time = 0; time < 2; time++) for await (const [name] of delta.read()) expect(name).toBe('a');
  expect(asked).toHaveLength(2);
});
