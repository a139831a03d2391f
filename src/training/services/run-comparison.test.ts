import 'fake-indexeddb/auto';
import { afterEach, expect, test } from 'vitest';
import { importFiles } from '../../dataset/intake';
import { readImages, setCaptions, setSplit } from '../../dataset/storage';
import { givenFile, headerCodec, makePng } from '../../dataset/testing/pictures';
import type { WeightsRef } from '../../protocol/weights-ref';
import { putRun } from '../../runs/store';
import type { Run } from '../../runs/types';
import { database } from '../../storage/db';
import { loadDatasetView } from '../data/dataset-view';
import { FeatureIndex } from '../features/feature-index';
import { recipeOf, runOf } from '../testing/fakes';
import type { MeasuredSample } from '../tasks/measured';
import { evaluationReport } from './report';
import { compareRuns, sharedPlaces } from './run-comparison';
import type { Weights } from './weights';

afterEach(async () => {
  const db = await database();
  for (const store of db.objectStoreNames) await db.clear(store);
});

const pictures = 60;

/** A dataset whose last pictures are for testing, and a run on it for each name. */
async function trained<const Name extends string>(...names: readonly Name[]): Promise<Record<Name, Run>> {
  const files = Array.from({ length: pictures }, (_, i) => [
    givenFile(`${String(i).padStart(2, '0')}.png`, makePng(i)),
    givenFile(`${String(i).padStart(2, '0')}.txt`, `picture ${i}`),
  ]).flat();
  const { datasetId } = await importFiles(
    { datasetId: null, name: 'Set', files, origin: 'files' },
    { codec: headerCodec },
  );
  const { items } = await readImages(datasetId);
  for (const [place, { id }] of items.entries()) await setSplit(id, place < 10 ? 'train' : 'test');
  const { fingerprint } = await loadDatasetView(datasetId);
  const dataset = { ...runOf(recipeOf({})).dataset, id: datasetId, fingerprint };
  const runs = names.map((name) =>
    runOf(recipeOf({}), { id: name, name, dataset, state: 'finished', weightsStep: 10 }),
  );
  for (const run of runs) await putRun(run);
  return Object.fromEntries(runs.map((run) => [run.id, run])) as Record<Name, Run>;
}

/** Finds every picture by its caption but those of the numbers, which it takes for others. */
function weightsOf(run: Run | null, mistaken: (picture: number) => boolean): Weights {
  const features = new FeatureIndex(2);
  const place = (picture: number): readonly number[] => {
    const angle = (2 * Math.PI * picture) / pictures;
    return [Math.cos(angle), Math.sin(angle)];
  };
  const number = (words: string): number => Number(/\d+/.exec(words)?.[0]);
  features.images = (records) =>
    Promise.resolve(Float32Array.from(records.flatMap(({ captions }) => place(number(captions[0] ?? '')))));
  features.captions = (captions) =>
    Promise.resolve(
      Float32Array.from(
        captions.flatMap((caption) => place(number(caption) + (mistaken(number(caption)) ? pictures / 2 : 0))),
      ),
    );
  features.logLogitScale = () => Promise.resolve(Math.log(20));
  return { run, features, model: { id: 'local/tiny' } } as Weights;
}

const mistakes: Readonly<Record<string, (picture: number) => boolean>> = {
  base: () => true,
  good: (picture) => picture === 59,
  bad: (picture) => picture % 2 === 0,
};

function registryOf(runs: Readonly<Record<string, Run>>) {
  return {
    find: (ref: WeightsRef) => {
      const name = ref.kind === 'run' ? ref.runId : 'base';
      return Promise.resolve(weightsOf(runs[name] ?? null, mistakes[name]!));
    },
  };
}

const context = { signal: new AbortController().signal, progress: () => undefined };

test('runs score on the same pictures what each scores alone, and are told from each other by a paired test', async () => {
  const runs = await trained('good', 'bad');
  const registry = registryOf(runs);
  const { samples, runs: found } = await compareRuns(registry, { runIds: ['bad', 'good'], split: 'test' }, context);
  const [bad, good] = found;
  expect(samples).toHaveLength(50);
  for (const each of found) {
    const alone = await evaluationReport(
      registry,
      {
        weights: { kind: 'run', runId: each.runId },
        datasetId: runs.good.dataset.id,
        split: 'test',
      },
      context,
    );
    expect(each.metrics).toEqual(alone.tuned);
    expect(each.outcomes).toEqual(alone.outcomes.tuned);
    expect(each.intervals).toEqual(alone.intervals?.tuned);
  }
  expect(bad).toMatchObject({ runId: 'bad', change: null, turned: null });
  const gain = good!.metrics['recall@1']! - bad!.metrics['recall@1']!;
  const interval = good!.change!.intervals['recall@1']!;
  expect(interval.low).toBeGreaterThan(0);
  expect(interval.low < gain && gain < interval.high).toBe(true);
  expect(good!.change!.pValues?.['recall@1']).toBeLessThan(0.01);
  // Right and wrong as the samples are shown.
  const turned = (from: boolean, to: boolean): number =>
    samples.filter((_, at) => bad!.outcomes[at]!.right === from && good!.outcomes[at]!.right === to).length;
  expect(good!.turned).toMatchObject({ fixed: turned(false, true), broken: turned(true, false) });
  expect(good!.turned!.fixed).toBeGreaterThan(20);
});

test('what is not comparable is refused in words', async () => {
  const runs = await trained('good', 'bad');
  const registry = registryOf(runs);
  const compare = (...runIds: string[]) => compareRuns(registry, { runIds, split: 'test' }, context);
  await expect(compare('good', 'gone')).rejects.toMatchObject({ code: 'not-found' });
  await expect(compare()).rejects.toMatchObject({ code: 'too-few' });
  await putRun({ ...runs.bad, dataset: { ...runs.bad.dataset, fingerprint: 'other' } });
  await expect(compare('good', 'bad')).rejects.toMatchObject({ code: 'mismatch' });
  await putRun({ ...runs.bad, recipe: recipeOf({ task: 'classification' }) });
  await expect(compare('good', 'bad')).rejects.toThrow('teach different things');
  await putRun(runs.bad);
  const { items } = await readImages(runs.good.dataset.id);
  await setCaptions(items[0]!.id, ['another']);
  await expect(compare('good', 'bad')).rejects.toThrow('have changed since these runs');
});

test('samples are found again in each report, however often they come and in whatever order', () => {
  const sample = (id: string, wanted = 'x') => ({ record: { id }, wanted }) as MeasuredSample;
  expect(
    sharedPlaces([
      [sample('a'), sample('b'), sample('b'), sample('c', 'one')],
      [sample('c', 'other'), sample('b'), sample('a'), sample('b'), sample('d')],
    ]),
  ).toEqual([
    [0, 1, 2],
    [2, 1, 3],
  ]);
  expect(sharedPlaces([])).toEqual([]);
});
