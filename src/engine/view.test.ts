import { describe, expect, it } from 'vitest';
import { viewCases } from './fixtures/load';
import { drawView, packView, unpackView, viewLength, type View } from './view';

function furthest(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(actual.length).toBe(expected.length);
  let furthest = 0;
  for (let i = 0; i < actual.length; i += 1) furthest = Math.max(furthest, Math.abs(actual[i]! - expected[i]!));
  return furthest;
}

describe('views', () => {
  it.each(viewCases().map((viewCase) => [viewCase.name, viewCase] as const))('%s', (_, viewCase) => {
    const { square, bytes, whole } = viewCase;
    const [side = 0] = square.shape;
    const [size = 0] = bytes.shape;
    const pixels = drawView(square.data, side, size, unpackView(viewCase.view, 0));
    // Pillow rounds to bytes after either pass of resampling and after each of three changes, which may magnify what was rounded before.
    expect(furthest(pixels, bytes.data)).toBeLessThan(4);
    if (whole !== null) expect(furthest(pixels, whole.data)).toBeLessThan(1e-4);
  });

  it('come out of packing as they went in', () => {
    const view: View = {
      left: 1.5,
      top: 2.25,
      width: 10,
      height: 8.5,
      mirrored: true,
      brightness: 0.5,
      contrast: 1.25,
      saturation: 0.75,
    };
    const other: View = { ...view, left: 0, mirrored: false };
    const packed = [...packView(view), ...packView(other)];
    expect(packed).toHaveLength(2 * viewLength);
    expect(unpackView(packed, 0)).toEqual(view);
    expect(unpackView(packed, 1)).toEqual(other);
  });
});
