import { expect, test } from 'vitest';
import { tinyDataset } from '../testing/tiny-model';
import { imagesOf, pairsOf } from './dataset-view';
import { thinnedView } from './thinned-view';

test('keeps a few samples of each split, the longest text among them, and all else of the view', async () => {
  const { view } = await tinyDataset();
  const few = thinnedView(view, 5, 2);
  const kept = imagesOf(few, 'train');
  expect(pairsOf(few, kept).length).toBeGreaterThanOrEqual(5);
  expect(kept.length).toBeLessThanOrEqual(5);
  expect(imagesOf(view, 'train')).toEqual(expect.arrayContaining([...kept]));
  expect(imagesOf(few, 'validation')).toHaveLength(2);
  expect(few.captions).toBe(view.captions);
  expect(few.images.map(({ id }) => id)).toEqual(view.images.map(({ id }) => id));
  const longest = (images: readonly number[]): number =>
    Math.max(...images.flatMap((image) => (view.captionsOf[image] ?? []).map((at) => view.captions[at]?.length ?? 0)));
  expect(longest(kept)).toBe(longest(imagesOf(view, 'train')));
});
