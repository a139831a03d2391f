import 'fake-indexeddb/auto';
import { afterEach, describe, expect, test } from 'vitest';
import { importFiles } from '../../dataset/intake';
import { deleteDataset, readImages, resplit, setCaptions, setSplit } from '../../dataset/storage';
import { givenFile, headerCodec, makePng } from '../../dataset/testing/pictures';
import { putRun, putTestResult, readRun } from '../../runs/store';
import type { Run } from '../../runs/types';
import { database } from '../../storage/db';
import { loadDatasetView } from '../data/dataset-view';
import { FeatureIndex } from '../features/feature-index';
import { evaluateAndKeep, evaluationReport, testResultOf } from './report';
import { dataOfRun } from '../data/run-data';
import { runOf, recipeOf } from '../testing/fakes';
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
    expect(await dataOfRun(run, loadDatasetView)).toMatchObject({ fingerprint: run.dataset.fingerprint });
    expect((await report(run, datasetId)).dataChanged).toBe(false);
  });

  test('that was split again is said to have changed, since its test pictures may have been trained on', async () => {
    const { datasetId, run } = await trained();
    await resplit(datasetId, { seed: 9, validation: 0.2, test: 0.3 });
    expect(await dataOfRun(run, loadDatasetView)).toBe('changed');
    expect((await report(run, datasetId)).dataChanged).toBe(true);
  });

  test('of which a split or a caption was changed, or every caption taken out, has changed', async () => {
    const { datasetId, run } = await trained();
    const { items } = await readImages(datasetId);
    const [first] = items;
    await setSplit(first!.id, first!.split === 'test' ? 'train' : 'test');
    expect(await dataOfRun(run, loadDatasetView)).toBe('changed');
    await setSplit(first!.id, first!.split);
    expect(await dataOfRun(run, loadDatasetView)).not.toBe('changed');
    for (const { id } of items) await setCaptions(id, []);
    expect(await dataOfRun(run, loadDatasetView)).toBe('changed');
  });

  test('that was deleted is gone', async () => {
    const { datasetId, run } = await trained();
    await deleteDataset(datasetId);
    expect(await dataOfRun(run, loadDatasetView)).toBe('gone');
  });

  test('is not missed on another dataset, of which nobody can say what was trained on', async () => {
    const { datasetId } = await trained();
    const { run } = await trained();
    expect((await report(run, datasetId)).dataChanged).toBe(false);
  });
});

describe('captions of a split', () => {
  /** Twelve pictures of three captions; the last three pictures are for testing, one of them with a caption of its own. */
  async function fruits(): Promise<{ datasetId: string; run: Run }> {
    const files = Array.from({ length: 12 }, (_, i) => [
      givenFile(`${String(i).padStart(2, '0')}.png`, makePng(i)),
      givenFile(`${String(i).padStart(2, '0')}.txt`, i === 11 ? 'a new plum' : `a ${['pear', 'Pear', 'fig'][i % 3]}`),
    ]).flat();
    const { datasetId } = await importFiles(
      { datasetId: null, name: 'Fruits', files, origin: 'files' },
      { codec: headerCodec },
    );
    const { items } = await readImages(datasetId);
    for (const [place, { id }] of items.entries()) await setSplit(id, place < 9 ? 'train' : 'test');
    const { fingerprint } = await loadDatasetView(datasetId);
    const run = runOf(recipeOf({}), { state: 'finished', weightsStep: 10 });
    return { datasetId, run: { ...run, dataset: { ...run.dataset, id: datasetId, fingerprint } } };
  }

  test('that were trained on are counted, and so are those that pictures share', async () => {
    const { datasetId, run } = await fruits();
    const { about, base, tuned } = await report(run, datasetId);
    expect(about).toEqual({ trainedCaptions: 1, trainedPictures: 2, sharedCaptions: 1, mostShared: 2 });
    expect(base).toMatchObject({ pictures: 3, captions: 2, lossPairs: 3 });
    expect(tuned?.['guess.imageToText.recallAt1']).toBeCloseTo(0.5, 12);
  });

  test('a run keeps what its weights score on its own test pictures, and nothing else', async () => {
    const { datasetId, run } = await fruits();
    const found = await report(run, datasetId);
    expect(testResultOf(found, run, datasetId)).toMatchObject({
      step: 10,
      about: { trainedCaptions: 1, trainedPictures: 2 },
    });
    expect(testResultOf({ ...found, split: 'validation' }, run, datasetId)).toBeNull();
    expect(testResultOf({ ...found, dataChanged: true }, run, datasetId)).toBeNull();
    expect(testResultOf(found, run, 'another')).toBeNull();
    expect(testResultOf(found, { ...run, state: 'running' }, datasetId)).toBeNull();
    await putRun(run);
    const registry = {
      find: (ref: { readonly kind: string }) => Promise.resolve(weightsOf(ref.kind === 'run' ? run : null)),
    };
    const context = { signal: new AbortController().signal, progress: () => undefined };
    const params = { weights: { kind: 'run', runId: run.id }, datasetId, split: 'test' } as const;
    await evaluateAndKeep(registry, params, context);
    expect((await readRun(run.id))?.test).toMatchObject({ step: 10, tuned: { pictures: 3 } });
    await putRun({ ...run, weightsStep: 20 });
    await putTestResult(run.id, testResultOf(found, run, datasetId)!);
    expect((await readRun(run.id))?.test).toBeNull();
  });
});
