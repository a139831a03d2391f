import { expect, test } from 'vitest';
import { randomView, squarePicture } from '../../dataset/augmentation';
import { drawView } from '../../model/view';
import { AugmentedPixels, augmentationOf, viewSource } from './augmented-pixels';
import { createRandom, mixSeed } from '../random';
import { recipeOf } from '../testing/fakes';
import { tinyDataset, tinyModel } from '../testing/tiny-model';

/** The square of a picture of this size is the picture. */
const side = 20;
const size = 16;

function noise() {
  const random = createRandom(9);
  const square = new Uint8Array(3 * side * side).map(() => 64 + 128 * random());
  const data = new Uint8ClampedArray(4 * side * side).fill(255);
  for (let i = 0; i < side * side; i++) data.set(square.subarray(3 * i, 3 * i + 3), 4 * i);
  return { width: side, height: side, data };
}

async function setup(seed: number, color = 0.5) {
  const { view } = await tinyDataset();
  const image = view.images[0];
  if (image === undefined) throw new Error('No picture.');
  const decoded: string[] = [];
  const views = new AugmentedPixels(tinyModel(), { crop: 0.5, flip: true, color }, seed, ({ hash }) => {
    decoded.push(hash);
    return Promise.resolve(noise());
  });
  return { image, decoded, views };
}

test('a view depends on seed, epoch and picture alone', async () => {
  const { image, views } = await setup(1);
  const first = await views.view(image, 0);
  expect(first.square).toHaveLength(3 * side * side);
  expect(await views.view(image, 0)).toEqual(first);
  expect(await views.view({ ...image, id: 'other/place', order: 99 }, 0)).toEqual(first);
  expect((await views.view(image, 1)).view).not.toEqual(first.view);
  expect((await views.view({ ...image, hash: 'other' }, 0)).view).not.toEqual(first.view);
  expect((await (await setup(2)).views.view(image, 0)).view).not.toEqual(first.view);
});

// What views of one random sequence looked like when they were drawn one by one.
test.each([
  { color: 0, bytes: [109, 132, 158, 129, 95, 138, 112, 117, 167, 115, 116, 164], sum: 98_088 },
  { color: 0.25, bytes: [86, 110, 138, 109, 73, 118, 90, 95, 148, 93, 94, 144], sum: 81_439 },
])('views are what they always were, colour $color', ({ color, bytes, sum }) => {
  const square = squarePicture(noise(), side);
  const view = randomView(side, { crop: 0.5, flip: true, color }, createRandom(mixSeed(1, 2, 3)));
  const pixels = drawView(square, side, size, view);
  // Colours used to be taken of bytes, and mean greys of rounded ones.
  const rounding = color === 0 ? 0.5 : 1.5;
  bytes.forEach((value, i) => expect(Math.abs((pixels[i] ?? NaN) - value)).toBeLessThanOrEqual(rounding));
  expect(Math.abs(pixels.reduce((total, value) => total + value, 0) / sum - 1)).toBeLessThan(0.002);
});

test('a graph is given squares and packed views, row by row', async () => {
  const { image, views } = await setup(1);
  const source = viewSource(side, 5, (sample) => views.view(image, sample));
  expect(source.squareSide).toBe(side);
  const { pixels, views: packed } = await source.inputs([4, 1], 3);
  expect(pixels).toHaveLength(3 * 3 * side * side);
  expect(packed).toHaveLength(3 * 8);
  for (const [row, sample] of [4, 1].entries()) {
    const { square, view } = await views.view(image, sample);
    expect(pixels?.subarray(row * square.length, (row + 1) * square.length)).toEqual(square);
    const { left, top, width, height, mirrored, brightness, contrast, saturation } = view;
    const numbers = [left, top, width, height, mirrored ? 1 : 0, brightness, contrast, saturation];
    expect([...(packed?.subarray(row * 8, row * 8 + 8) ?? [])]).toEqual(numbers.map(Math.fround));
  }
});

test('a picture is decoded once', async () => {
  const { image, views, decoded } = await setup(1);
  for (let epoch = 0; epoch < 4; epoch++) await views.view(image, epoch);
  expect(decoded).toHaveLength(1);
});

test('a recipe that changes nothing has no augmentation', () => {
  expect(augmentationOf(recipeOf({ augmentCrop: 0, augmentFlip: false, augmentColor: 0 }))).toBeNull();
  expect(augmentationOf(recipeOf({ augmentCrop: 0, augmentFlip: true, augmentColor: 0 }))).not.toBeNull();
});
