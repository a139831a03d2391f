import { describe, expect, test } from 'vitest';
import { lookOf, looksLike, type Look } from './look';

type Paint = (x: number, y: number) => readonly [number, number, number];

/** Paints a picture over the unit square. */
function painted(paint: Paint, width = 160, height = 120): Look {
  const data = new Uint8ClampedArray(4 * width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++)
      data.set([...paint((x + 0.5) / width, (y + 0.5) / height), 255], 4 * (y * width + x));
  }
  return lookOf({ width, height, data });
}

const hills: Paint = (x, y) => {
  const hill = 0.5 + 0.2 * Math.sin(7 * x) + 0.05 * Math.sin(31 * x);
  return y > hill ? [60 + 80 * y, 120, 40] : [120, 160 + 40 * y, 240];
};
const disc =
  (left: number, colour: readonly [number, number, number]): Paint =>
  (x, y) =>
    Math.hypot(x - left, y - 0.5) < 0.15 ? colour : [255, 255, 255];
/** The same with what compression makes of it. */
const compressed =
  (paint: Paint): Paint =>
  (x, y) => {
    const noise = 9 * Math.sin(97 * x * y + 51 * x + 13 * y);
    const [red, green, blue] = paint(x, y);
    return [red + noise, green - noise, blue + noise];
  };

describe('looksLike', () => {
  test.each<[string, Look]>([
    ['at half the size', painted(hills, 80, 60)],
    ['a pixel off the aspect', painted(hills, 107, 81)],
    ['compressed', painted(compressed(hills))],
    ['a little brighter', painted((x, y) => hills(x, y).map((value) => value + 10) as [number, number, number])],
  ])('knows a picture again %s', (_, copy) => {
    expect(looksLike(painted(hills), copy)).toBe(true);
  });

  test.each<[string, Look]>([
    ['another place', painted(disc(0.6, [200, 30, 30]))],
    ['another colour', painted(disc(0.4, [30, 30, 200]))],
    ['a picture that is cut', painted((x, y) => disc(0.4, [200, 30, 30])(0.1 + 0.8 * x, y))],
    ['another shape of picture', painted(disc(0.4, [200, 30, 30]), 160, 160)],
    ['something else on the same ground', painted(() => [255, 255, 255])],
  ])('tells %s from it', (_, other) => {
    expect(looksLike(painted(disc(0.4, [200, 30, 30])), other)).toBe(false);
  });

  test('pictures of a few pixels have a look as well, and what is transparent is white', () => {
    const clear = lookOf({ width: 3, height: 2, data: new Uint8ClampedArray(24) });
    const white = lookOf({ width: 3, height: 2, data: new Uint8ClampedArray(24).fill(255) });
    expect(looksLike(clear, white)).toBe(true);
  });
});
