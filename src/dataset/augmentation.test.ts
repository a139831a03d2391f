import { describe, expect, it } from 'vitest';
import { drawView } from '../model/view';
import { augmentationSide, isIdentity, randomView, squarePicture, type Augmentation } from './augmentation';

const none: Augmentation = { crop: 0, flip: false, color: 0 };

/** Numbers that repeat a short list, to steer every draw. */
function cycle(...values: number[]): () => number {
  let i = 0;
  return () => values[i++ % values.length] ?? 0;
}

/** A small generator of its own, so that the tests lean on nothing else. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 16807) % 2147483647) / 2147483647;
}

/** RGB picture whose red is the column, green the row, blue constant. */
function ramp(side: number): Uint8Array {
  const picture = new Uint8Array(side * side * 3);
  for (let y = 0; y < side; y += 1) {
    for (let x = 0; x < side; x += 1) picture.set([x * 4, y * 4, 100], (y * side + x) * 3);
  }
  return picture;
}

/** A random view in bytes. */
function augment(
  picture: Uint8Array,
  side: number,
  size: number,
  augmentation: Augmentation,
  random: () => number,
): Uint8Array {
  const pixels = drawView(picture, side, size, randomView(side, augmentation, random));
  return new Uint8Array(pixels.map(Math.round));
}

const pixel = (picture: Uint8Array, size: number, x: number, y: number): number[] => [
  ...picture.subarray((y * size + x) * 3, (y * size + x) * 3 + 3),
];

describe('random views', () => {
  it('gives the picture back when all is off', () => {
    expect(isIdentity(none)).toBe(true);
    expect(augment(ramp(32), 32, 32, none, seeded(1))).toEqual(ramp(32));
  });

  it('mirrors left to right for half of the draws', () => {
    const flip = { ...none, flip: true };
    const mirrored = augment(ramp(32), 32, 32, flip, cycle(0.2));
    expect(pixel(mirrored, 32, 0, 5)).toEqual(pixel(ramp(32), 32, 31, 5));
    expect(augment(ramp(32), 32, 32, flip, cycle(0.7))).toEqual(ramp(32));
  });

  it('crops where and as much as drawn', () => {
    // Area drawn at its most: 1 - 0.75 = a quarter, so half the side; square; from the far corner.
    const view = augment(ramp(60), 60, 30, { ...none, crop: 0.75 }, cycle(1, 0.5, 1, 1, 1, 0.5, 0.5, 0.5));
    expect(pixel(view, 30, 0, 0)).toEqual([120, 120, 100]);
    expect(pixel(view, 30, 29, 29)).toEqual([236, 236, 100]);
    // No area cut: the whole picture, scaled down by two.
    const whole = augment(ramp(60), 60, 30, { ...none, crop: 0.75 }, cycle(0, 0.5, 0.5, 0.5));
    expect(pixel(whole, 30, 10, 20)).toEqual([82, 162, 100]);
  });

  it('never leaves the picture, whatever is drawn', () => {
    const white = new Uint8Array(20 * 20 * 3).fill(255);
    const random = seeded(7);
    for (let i = 0; i < 200; i += 1) {
      const view = augment(white, 20, 16, { crop: 0.9, flip: true, color: 0 }, random);
      expect(view.every((value) => value === 255)).toBe(true);
    }
  });

  it('changes brightness, contrast and saturation by the drawn factors', () => {
    const picture = new Uint8Array([100, 100, 100, 50, 50, 50, 100, 100, 100, 50, 50, 50]);
    const color = { ...none, color: 0.5 };
    const at = (brightness: number, contrast: number, saturation: number) =>
      augment(picture, 2, 2, color, cycle(0, 0, 0, 0, 0, brightness, contrast, saturation));
    expect(pixel(at(1, 0.5, 0.5), 2, 0, 0)).toEqual([140, 140, 140]);
    // Contrast 0.6 about the mean of 75: 90 and 60.
    expect(pixel(at(0.5, 0, 0.5), 2, 0, 0)).toEqual([90, 90, 90]);
    expect(pixel(at(0.5, 0, 0.5), 2, 1, 0)).toEqual([60, 60, 60]);
    const red = new Uint8Array(12).map((_, i) => (i % 3 === 0 ? 200 : 0));
    const pale = augment(red, 2, 2, { ...none, color: 1 }, cycle(0, 0, 0, 0, 0, 0.5, 0.5, 0));
    // Saturation 0.2: 200 · 0.2 + 59.8 · 0.8.
    expect(pixel(pale, 2, 0, 0)).toEqual([88, 48, 48]);
  });

  it('is the same for the same random numbers, and draws as many whatever is on', () => {
    const all = { crop: 0.3, flip: true, color: 0.4 };
    expect(augment(ramp(40), 40, 32, all, seeded(5))).toEqual(augment(ramp(40), 40, 32, all, seeded(5)));
    expect(augment(ramp(40), 40, 32, all, seeded(5))).not.toEqual(augment(ramp(40), 40, 32, all, seeded(6)));
    let draws = 0;
    augment(ramp(32), 32, 32, none, () => ((draws += 1), 0.5));
    expect(draws).toBe(8);
  });
});

describe('pictures kept for augmentation', () => {
  it('are larger than the model needs by no more than a quarter', () => {
    expect(augmentationSide(64, none)).toBe(64);
    expect(augmentationSide(64, { ...none, crop: 0.2 })).toBe(72);
    expect(augmentationSide(224, { ...none, crop: 0.9 })).toBe(280);
  });

  it('are the central square on white', () => {
    const data = new Uint8ClampedArray(4 * 2 * 4);
    for (let i = 0; i < 8; i += 1) data.set([i * 10, 0, 0, i === 1 ? 0 : 255], i * 4);
    expect([...squarePicture({ width: 4, height: 2, data }, 2)]).toEqual([255, 255, 255, 20, 0, 0, 50, 0, 0, 60, 0, 0]);
  });
});
