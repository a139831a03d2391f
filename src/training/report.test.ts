import 'fake-indexeddb/auto';
import { afterEach, describe, expect, test } from 'vitest';
import { importFiles } from '../dataset/intake';
import { deleteDataset, readImages, resplit, setCaptions, setSplit } from '../dataset/storage';
import { givenFile, headerCodec, makePng } from '../dataset/testing/pictures';
import type { Run } from '../runs/types';
import { database } from '../storage/db';
import { loadDatasetView } from './dataset-view';
import { FeatureIndex } from './feature-index';
import { evaluationReport } from './report';
import { dataOfRun } from './run-data';
import { runOf, recipeOf } from './testing/fakes';
import type { Weights } from './weights';

afterEach(async () => {
  const db = await database();
  for (const store of db.objectStoreNames) await db.clear(store);
});

/** A dataset of captioned pictures, and a run that was made on it as it is. */
async function trained(): Promise<{ datasetId: string; run: Run }> {
  const files = Array.from({ length: 40 }, (_, i) => [
    givenFile(`${i}.png`, makePng(i)),
    givenFile(`${i}.txt`, `picture ${i}`),
  ]).flat();
  const { datasetId } = await importFiles(
    { datasetId: null, name: 'Set', files, origin: 'files' },
    { codec: headerCodec },
  );
  const { fingerprint } = await loadDatasetView(datasetId);
  const run = runOf(recipeOf({}));
  return { datasetId, run: { ...run, dataset: { ...run.dataset, id: datasetId, fingerprint } } };
}

/** Weights whose features are all alike; what they score is of no interest. */
function weightsOf(run: Run | null): Weights {
  const features = new FeatureIndex(2);
  features.images = (records) => Promise.resolve(new Float32Array(2 * records.length).fill(Math.SQRT1_2));
  features.captions = (captions) => Promise.resolve(new Float32Array(2 * captions.length).fill(Math.SQRT1_2));
  features.logLogitScale = () => Promise.resolve(0);
  return { run, features, model: { id: 'local/tiny' } } as Weights;
}

function report(run: Run, datasetId: string) {
  const registry = {
    find: (ref: { readonly kind: string }) => Promise.resolve(weightsOf(ref.kind === 'run' ? run : null)),
  };
  const context = { signal: new AbortController().signal, progress: () => undefined };
  return evaluationReport(registry, { weights: { kind: 'run', runId: run.id }, datasetId, split: 'test' }, context);
}

describe('data of a run', () => {
  test('that is as it was is counted and measured', async () => {
    const { datasetId, run } = await trained();
    expect(await dataOfRun(run)).toMatchObject({ fingerprint: run.dataset.fingerprint });
    expect((await report(run, datasetId)).dataChanged).toBe(false);
  });

  test('that was split anew is said to have changed, since its test pictures may have been trained on', async () => {
    const { datasetId, run } = await trained();
    await resplit(datasetId, { seed: 9, validation: 0.2, test: 0.3 });
    expect(await dataOfRun(run)).toBe('changed');
    expect((await report(run, datasetId)).dataChanged).toBe(true);
  });

  test('of which a split or a caption was changed, or every caption taken out, has changed', async () => {
    const { datasetId, run } = await trained();
    const { items } = await readImages(datasetId);
    const [first] = items;
    await setSplit(first!.id, first!.split === 'test' ? 'train' : 'test');
    expect(await dataOfRun(run)).toBe('changed');
    await setSplit(first!.id, first!.split);
    expect(await dataOfRun(run)).not.toBe('changed');
    for (const { id } of items) await setCaptions(id, []);
    expect(await dataOfRun(run)).toBe('changed');
  });

  test('that was deleted is gone', async () => {
    const { datasetId, run } = await trained();
    await deleteDataset(datasetId);
    expect(await dataOfRun(run)).toBe('gone');
  });

  test('is not missed on another dataset, of which nobody can say what was trained on', async () => {
    const { datasetId } = await trained();
    const { run } = await trained();
    expect((await report(run, datasetId)).dataChanged).toBe(false);
  });
});
