import { describe, expect, test } from 'vitest';
import { sampleRecord } from '../../../dataset/testing/records';
import type { SampleRecord } from '../../../dataset/types';
import { datasetView, imagesOf } from '../../data/dataset-view';
import { chooseProbes, galleryOf, pairProbes, runProbes, scoreGallery, worstMistakes } from './evaluation';
import { ranksOfSingles } from './testing';

const dataset = {
  id: 'd',
  name: 'd',
  createdAt: 0,
  split: { seed: 1, validation: 0.1, test: 0.1 },
  origin: 'files',
  columns: [],
};

const record = (hash: string, captions: string[], split: SampleRecord['split'] = 'test'): SampleRecord =>
  sampleRecord(hash, { captions, split });

/** Unit vectors at the given angles, in degrees. */
const at = (...degrees: readonly number[]): Float32Array =>
  Float32Array.from(degrees.flatMap((angle) => [Math.cos((angle * Math.PI) / 180), Math.sin((angle * Math.PI) / 180)]));

const logitScale = Math.log(10);

async function fruits() {
  const view = await datasetView(dataset, [
    record('a', ['a pear', 'a green pear']),
    record('b', ['A  PEAR']),
    record('c', ['a plum']),
    record('d', ['not of this split'], 'train'),
    record('e', []),
  ]);
  return { view, gallery: galleryOf(view, imagesOf(view, 'test')) };
}

describe('the gallery', () => {
  test('holds the pictures of a split and each distinct caption once; case and spaces make no difference', async () => {
    const { view, gallery } = await fruits();
    expect(gallery.images.map((image) => view.images[image]?.hash)).toEqual(['a', 'b', 'c']);
    expect(gallery.captions.map((caption) => view.captions[caption])).toEqual(['a pear', 'a green pear', 'a plum']);
    expect(gallery.captionsOf).toEqual([[0, 1], [0], [2]]);
  });

  test('the fingerprint follows captions and splits, not the order of pictures', async () => {
    const [a, b] = [record('a', ['x']), record('b', ['y'])];
    const of = async (records: SampleRecord[]): Promise<string> => (await datasetView(dataset, records)).fingerprint;
    expect(await of([a, b])).toBe(await of([b, a]));
    expect(await of([a, { ...b, captions: ['z'] }])).not.toBe(await of([a, b]));
    expect(await of([a, { ...b, split: 'train' }])).not.toBe(await of([a, b]));
  });

  test('a dataset without captions is refused by name', async () => {
    await expect(datasetView({ ...dataset, name: 'shoes' }, [record('a', [])])).rejects.toThrow(
      '"shoes" has a caption',
    );
  });
});

test('pictures with the same caption are right answers to it, both ways', async () => {
  const { gallery } = await fruits();
  // Pictures a, b, c and captions "a pear", "a green pear", "a plum", each caption next to a picture that carries it.
  const features = { images: at(0, 40, 90), captions: at(38, 5, 80), width: 2 };
  const { metrics, ranks } = await scoreGallery(gallery, features, logitScale);
  expect([...ranks.imageToText.best]).toEqual([1, 1, 1]);
  expect([...ranks.textToImage.best]).toEqual([1, 1, 1]);
  expect(metrics).toMatchObject({
    pictures: 3,
    captions: 3,
    lossPairs: 4,
    'imageToText.recallAt1': 1,
    'textToImage.medianRank': 1,
  });
  expect(metrics['loss']).toBeGreaterThan(0);
});

test('the loss is near zero for features that are told apart, and near ln of the batch for features that are not', async () => {
  const view = await datasetView(
    dataset,
    ['a', 'b', 'c', 'd'].map((hash) => record(hash, [hash])),
  );
  const gallery = galleryOf(view, imagesOf(view, 'test'));
  const apart = { images: at(0, 90, 180, 270), captions: at(0, 90, 180, 270), width: 2 };
  const same = { images: at(0, 0, 0, 0), captions: at(0, 0, 0, 0), width: 2 };
  expect((await scoreGallery(gallery, apart, logitScale)).metrics['loss']).toBeLessThan(1e-3);
  expect((await scoreGallery(gallery, same, logitScale)).metrics['loss']).toBeCloseTo(Math.log(4), 5);
});

test('mistakes come worst first, with what was preferred and never with what is right', async () => {
  const view = await datasetView(
    dataset,
    ['a', 'b', 'c'].map((hash) => record(hash, [hash])),
  );
  const gallery = galleryOf(view, imagesOf(view, 'test'));
  // Picture a finds its own caption first, b second, c last.
  const features = { images: at(0, 50, 0), captions: at(1, 30, 100), width: 2 };
  const { ranks } = await scoreGallery(gallery, { ...features, images: at(0, 60, 0) }, logitScale);
  const mistakes = worstMistakes(gallery, { ...features, images: at(0, 60, 0) }, ranks);
  expect(mistakes.map(({ imageId, rank }) => [imageId, rank])).toEqual([['d/c', 3]]);
  expect(mistakes[0]?.caption).toBe('c');
  expect(mistakes[0]?.preferred.map(({ caption }) => caption)).toEqual(['a', 'b']);
});

test('probes show captions that the base gets wrong and some that it gets right, base beside tuned', async () => {
  const hashes = Array.from({ length: 20 }, (_, i) => String(i));
  const view = await datasetView(
    dataset,
    hashes.map((hash) => record(hash, [`caption ${hash}`])),
  );
  const gallery = galleryOf(view, imagesOf(view, 'test'));
  const textToImage = ranksOfSingles(hashes.map((_, i) => (i % 2 === 0 ? 1 : 5)));
  const places = chooseProbes(gallery, { textToImage });
  expect(places).toHaveLength(6);
  expect(places.filter((place) => place % 2 === 1)).toHaveLength(3);
  const angles = hashes.map((_, i) => i * 9);
  const features = { images: at(...angles), captions: at(...angles), width: 2 };
  const tuned = runProbes(gallery, features, places);
  for (const { correct, hits } of tuned) {
    expect(hits).toHaveLength(5);
    expect(hits[0]).toBe(correct[0]);
  }
  const paired = pairProbes(tuned, tuned);
  expect(paired[0]).toEqual({ ...paired[0], base: tuned[0]?.hits, tuned: tuned[0]?.hits });
});
