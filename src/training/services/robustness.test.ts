import 'fake-indexeddb/auto';
import { afterEach, expect, test } from 'vitest';
import { importFiles } from '../../dataset/intake';
import { readImages, setSplit } from '../../dataset/storage';
import { givenFile, headerCodec, makePng } from '../../dataset/testing/pictures';
import type { SampleRecord } from '../../dataset/types';
import { putRun, readRun } from '../../runs/store';
import { database } from '../../storage/db';
import { loadDatasetView } from '../data/dataset-view';
import { FeatureIndex } from '../features/feature-index';
import type { MeasuredWeights } from '../tasks/report';
import { recipeOf, runOf } from '../testing/fakes';
import { testRobustness } from './robustness';
import type { Weights } from './weights';

afterEach(async () => {
  const db = await database();
  for (const store of db.objectStoreNames) await db.clear(store);
});

const side = 8;

/** Weights that take a picture for its brightness and know no caption; how often they are asked for features is counted. */
function weightsOf(run: Weights['run'], asked: { pictures: number; captions: string[] }): Weights {
  const pixels = {
    pixels: (image: SampleRecord) => Promise.resolve(new Uint8Array(3 * side * side).fill(image.hash.charCodeAt(0))),
  };
  const encoder = {
    async images(count: number, of: (index: number) => Promise<Uint8Array>) {
      asked.pictures += count;
      const all = await Promise.all(Array.from({ length: count }, (_, index) => of(index)));
      return Float32Array.from(all.flatMap((values) => [Math.cos(values[0]! / 100), Math.sin(values[0]! / 100)]));
    },
    texts(captions: readonly string[]) {
      asked.captions.push(...captions);
      return Promise.resolve(new Float32Array(2 * captions.length).fill(Math.SQRT1_2));
    },
    logLogitScale: () => Promise.resolve(0),
  };
  const use = ((work: (lent: typeof encoder) => unknown) => work(encoder)) as unknown as MeasuredWeights['use'];
  return { run, features: new FeatureIndex(2), pixels, use, model: { id: 'local/tiny' } } as unknown as Weights;
}

async function pictures(): Promise<string> {
  const files = Array.from({ length: 12 }, (_, i) => [
    givenFile(`${i}.png`, makePng(i)),
    givenFile(`${i}.txt`, `picture number ${i}`),
  ]);
  const { datasetId } = await importFiles(
    { datasetId: null, name: 'Set', files: files.flat(), origin: 'files' },
    { codec: headerCodec },
  );
  const { items } = await readImages(datasetId);
  for (const { id } of items) await setSplit(id, 'test');
  return datasetId;
}

const context = { signal: new AbortController().signal, progress: () => undefined };

test('pictures and words are spoiled one after the other, and the result is kept with the run', async () => {
  const datasetId = await pictures();
  const { fingerprint } = await loadDatasetView(datasetId);
  const plain = runOf(recipeOf({}), { state: 'finished', weightsStep: 10 });
  const run = { ...plain, dataset: { ...plain.dataset, id: datasetId, fingerprint } };
  await putRun(run);
  const asked = { pictures: 0, captions: [] as string[] };
  const [base, tuned] = [weightsOf(null, asked), weightsOf(run, asked)];
  const registry = { find: (ref: { readonly kind: string }) => Promise.resolve(ref.kind === 'run' ? tuned : base) };
  const params = { weights: { kind: 'run', runId: run.id }, datasetId, split: 'test', strength: 'strong' } as const;
  const { strength, rows } = await testRobustness(registry, params, context);
  expect(strength).toBe('strong');
  expect(rows.map(({ id }) => id)).toEqual([null, 'blur', 'noise', 'jpeg', 'crop', 'typos']);
  for (const { base: before, tuned: after } of rows)
    expect([before['pictures'], after?.['pictures']]).toEqual([12, 12]);
  // Features of pictures as they are and of each kind of spoiled ones, by both; those of words as they are, and of spoiled ones.
  expect(asked.pictures).toBe(2 * 5 * 12);
  expect(new Set(asked.captions).size).toBeGreaterThan(12);
  expect((await readRun(run.id))?.robustness).toMatchObject({ step: 10, strength: 'strong' });
});

test('the work can be ended', async () => {
  const datasetId = await pictures();
  const base = weightsOf(null, { pictures: 0, captions: [] });
  const ended = new AbortController();
  ended.abort();
  const params = { weights: { kind: 'base', model: 'm' }, datasetId, split: 'test', strength: 'light' } as const;
  const registry = { find: () => Promise.resolve(base) };
  await expect(testRobustness(registry, params, { ...context, signal: ended.signal })).rejects.toThrow();
});
