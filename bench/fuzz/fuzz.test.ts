import { expect, test } from 'vitest';
import { fuzz } from './fuzz';
import { mutated, randomOf } from './mutate';

test('2,000 inputs over all parsers: no error without a type, and none that takes over two seconds', async () => {
  const { failures, refused, inputs } = await fuzz(2000, 7);
  expect(failures).toEqual([]);
  // What is changed at random is refused often, and not always.
  expect(refused).toBeGreaterThan(inputs / 20);
  expect(refused).toBeLessThan(inputs);
}, 300_000);

test('the same seed changes a file in the same way', () => {
  const file = Uint8Array.from({ length: 200 }, (_, at) => at);
  const once = Array.from({ length: 20 }, (_, seed) => mutated(file, randomOf(seed)));
  expect(Array.from({ length: 20 }, (_, seed) => mutated(file, randomOf(seed)))).toEqual(once);
  expect(new Set(once.map((bytes) => bytes.join())).size).toBeGreaterThan(15);
});
