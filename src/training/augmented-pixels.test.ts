import { expect, test } from 'vitest';
import { AugmentedPixels, augmentationOf } from './augmented-pixels';
import { createRandom } from './random';
import { recipeOf } from './testing/fakes';
import { tinyDataset, tinyModel } from './testing/tiny-model';

function noise() {
  const random = createRandom(9);
  const data = new Uint8ClampedArray(40 * 40 * 4).map((_, i) => (i % 4 === 3 ? 255 : random() * 256));
  return { width: 40, height: 40, data };
}

async function setup(seed: number) {
  const { view } = await tinyDataset();
  const image = view.images[0];
  if (image === undefined) throw new Error('No picture.');
  const decoded: string[] = [];
  const views = new AugmentedPixels(tinyModel(), { crop: 0.5, flip: true, color: 0.5 }, seed, ({ hash }) => {
    decoded.push(hash);
    return Promise.resolve(noise());
  });
  return { image, decoded, views };
}

test('a view depends on seed, epoch and picture alone', async () => {
  const { image, views } = await setup(1);
  const first = await views.pixels(image, 0, 0);
  expect(first).toHaveLength(3 * 16 * 16);
  expect(await views.pixels(image, 0, 0)).toEqual(first);
  expect(await views.pixels(image, 0, 1)).not.toEqual(first);
  expect(await views.pixels(image, 1, 0)).not.toEqual(first);
  expect(await (await setup(2)).views.pixels(image, 0, 0)).not.toEqual(first);
});

test('a picture is decoded once', async () => {
  const { image, views, decoded } = await setup(1);
  for (let epoch = 0; epoch < 4; epoch++) await views.pixels(image, 0, epoch);
  expect(decoded).toHaveLength(1);
});

test('a recipe that changes nothing has no augmentation', () => {
  expect(augmentationOf(recipeOf({ augmentCrop: 0, augmentFlip: false, augmentColor: 0 }))).toBeNull();
  expect(augmentationOf(recipeOf({ augmentCrop: 0, augmentFlip: true, augmentColor: 0 }))).not.toBeNull();
});
