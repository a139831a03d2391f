import { expect, test } from 'vitest';
import { decodeArray } from '../../../engine/fixtures/load';
import stored from './fixtures/positions.json';
import { fittedPositions, resizedPositions } from './positions';

test.each(stored.map((entry) => [entry.stored, entry.wanted, entry] as const))(
  'positions of %i × %i patches become those of %i, as in Transformers',
  (from, to, { positions, resized }) => {
    const { data, shape } = decodeArray(positions);
    const expected = decodeArray(resized).data;
    const result = resizedPositions(data, shape[2] ?? 0, from, to);
    expect(result).toHaveLength(expected.length);
    result.forEach((value, at) => expect(Math.abs(value - (expected[at] ?? NaN))).toBeLessThan(1e-5));
  },
);

test('what are no positions of a square picture is left alone', () => {
  const tensor = (shape: readonly number[]) => ({
    name: 'positions',
    dtype: 'F32',
    shape,
    bytes: new Uint8Array(4 * shape.reduce((product, extent) => product * extent, 1)),
  });
  expect(fittedPositions(tensor([1, 5, 4]), [1, 10, 4])?.shape).toEqual([1, 10, 4]);
  for (const shape of [
    [1, 6, 4],
    [1, 5, 3],
    [5, 4],
    [2, 5, 4],
    [1, 1, 4],
  ]) {
    expect(fittedPositions(tensor(shape), [1, 10, 4]), shape.join()).toBeNull();
  }
});
