import 'fake-indexeddb/auto';
import { expect, test } from 'vitest';
import { importFiles } from '../../dataset/intake';
import { resplit } from '../../dataset/storage';
import { givenFile, headerCodec, makePng } from '../../dataset/testing/pictures';
import { putRunData } from '../../runs/store';
import { readRecords } from '../data/dataset-records';
import { FeatureIndex } from '../features/feature-index';
import { recipeOf, runOf } from '../testing/fakes';
import { Playground } from './playground';
import type { Weights, WeightsRegistry } from './weights';

test('found pictures are marked by what the model was trained with, not by how they are split today', async () => {
  const files = Array.from({ length: 12 }, (_, i) => givenFile(`${i}.png`, makePng(i)));
  const { datasetId } = await importFiles(
    { datasetId: null, name: 'Set', files, origin: 'files' },
    { codec: headerCodec },
  );
  const { items } = await readRecords(datasetId);
  // The run saw the first four, in a dataset of its own that had other pictures too.
  const run = runOf(recipeOf({}));
  const hashes = items.map(({ hash }) => hash);
  await putRunData(run.id, { train: [...hashes.slice(0, 4), 'elsewhere'], validation: hashes.slice(4), test: [] });
  await resplit(datasetId, { seed: 3, validation: 0.3, test: 0.3 });

  const search = async (own: typeof run | null) => {
    const features = new FeatureIndex(2);
    features.images = (records) => Promise.resolve(new Float32Array(2 * records.length).fill(Math.SQRT1_2));
    const use = () => Promise.resolve(Float32Array.of(Math.SQRT1_2, Math.SQRT1_2));
    const registry = { find: () => Promise.resolve({ run: own, features, use } as unknown as Weights) };
    const playground = new Playground(registry as unknown as WeightsRegistry);
    const context = { signal: new AbortController().signal, progress: () => undefined };
    const weights = { kind: 'run', runId: run.id } as const;
    const hits = await playground.searchImages({ weights, datasetId, query: 'a box', count: 12 }, context);
    return hits.filter(({ trained }) => trained).map(({ imageId }) => imageId);
  };
  const seen = items.slice(0, 4).map(({ id }) => id);
  expect((await search(run)).toSorted()).toEqual(seen.toSorted());
  expect(await search(null)).toEqual([]);
  // A run of before wrote nothing down: the pictures that its dataset has for training today are those that are known.
  const early = runOf(recipeOf({}), { id: 'early', dataset: { ...run.dataset, id: datasetId } });
  const { items: now } = await readRecords(datasetId);
  const training = now.filter(({ split }) => split === 'train').map(({ id }) => id);
  expect((await search(early)).toSorted()).toEqual(training.toSorted());
});
