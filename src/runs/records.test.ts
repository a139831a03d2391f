import { expect, test } from 'vitest';
import { baseColumns } from '../dataset/columns';
import { datasetReader, sampleReader } from '../dataset/records';
import { restoreRecipe } from '../recipe/migrate';
import { flatFields } from '../recipe/fields';
import { structuredChange, structuredMetrics } from '../tasks/contrastive/structured';
import version1 from './fixtures/version-1.json' with { type: 'json' };
import version2 from './fixtures/version-2.json' with { type: 'json' };
import { readRows, readRunRecord, runRecord } from './records';
import { runSchema, type StoredRun } from './types';

type Fields = Record<string, unknown>;

const stored = version1.run as Fields;
const recipe = version1.run.recipe as Fields;

const rowsOf = (rows: typeof version1.metrics) =>
  rows.map(({ logitScale, ...row }) => ({ ...row, extra: { logitScale } }));

function sound(record: unknown): StoredRun {
  const read = readRunRecord(record);
  if (!read.sound) throw new Error(read.reason);
  return read.value;
}

test('a run of version 1 reads wholly, and what version 1 did not note is unknown', () => {
  const run = sound(stored);
  const { probes, baseline, evaluations, ...rest } = version1.run;
  expect(run).toMatchObject({
    ...rest,
    recipe: {},
    base: null,
    plan: null,
    test: null,
    predictions: probes,
    notes: [],
  });
  expect(flatFields(run.recipe)).toMatchObject(recipe);
  expect(run.recipe).toMatchObject({ task: { type: 'contrastive' }, method: { type: 'fine-tuning', layerDecay: 1 } });
  expect(structuredMetrics(run.baseline ?? {})).toEqual({ ...baseline, captions: null, guess: null, lossPairs: null });
  expect(run.evaluations.map(({ step, seconds, change }) => ({ step, seconds, change }))).toEqual(
    evaluations.map(({ step, seconds }) => ({ step, seconds, change: null })),
  );
  expect(readRows(version1.metrics)).toEqual({ rows: rowsOf(version1.metrics), lost: 0 });
});

test('a run of version 2 reads wholly: all its numbers and intervals by name', () => {
  const { probes, baseline, evaluations, test: tested, version, recipe: ofRun, ...rest } = version2.run;
  expect(version).toBe(2);
  const run = sound(version2.run);
  expect(run).toMatchObject({ ...rest, predictions: probes, notes: [] });
  expect({ ...flatFields(run.recipe), version: 2 }).toMatchObject(ofRun);
  expect(structuredMetrics(run.baseline ?? {})).toEqual(baseline);
  expect(run.baseline).toMatchObject({
    accuracy: baseline.imageToText.recallAt1,
    'recall@1': (baseline.imageToText.recallAt1 + baseline.textToImage.recallAt1) / 2,
  });
  for (const [index, { step, seconds, change, ...measured }] of evaluations.entries()) {
    const read = run.evaluations[index]!;
    expect(read).toMatchObject({ step, seconds });
    expect(structuredMetrics(read.metrics)).toEqual(measured);
    expect(read.change && structuredChange(read.change)).toEqual(change);
    expect(read.change?.intervals['accuracy']).toEqual(change?.imageToText.recallAt1);
  }
  expect(run.test?.step).toBe(tested.step);
  expect(structuredMetrics(run.test?.base ?? {})).toEqual(tested.base);
  expect(structuredMetrics(run.test?.tuned ?? {})).toEqual(tested.tuned);
  expect(structuredChange(run.test!.change!)).toEqual(tested.change);
  expect(run.test?.about).toEqual({ trainedCaptions: 12, trainedPictures: 36 });
  expect(readRows(version2.metrics)).toEqual({ rows: rowsOf(version2.metrics), lost: 0 });
});

test('rows of today read as they were written', () => {
  const rows = rowsOf(version2.metrics);
  expect(readRows(rows)).toEqual({ rows, lost: 0 });
});

test('the other records of version 1 read wholly', () => {
  expect(datasetReader.safeParse(version1.dataset)).toEqual({
    success: true,
    data: { ...version1.dataset, columns: baseColumns },
  });
  const { path, type, width, height, bytes, ...sample } = version1.image;
  expect(sampleReader.safeParse(version1.image)).toEqual({
    success: true,
    data: { ...sample, media: [{ kind: 'image', path, type, width, height, bytes }], fields: {} },
  });
  const restored = restoreRecipe(version1.recipeSetting.recipe);
  expect(restored.problems).toEqual([]);
  expect(flatFields(restored.recipe)).toMatchObject(recipe);
});

test('a run reads back as it was written, with its version beside it', () => {
  const run = sound(stored);
  const record = runRecord(run) as Fields;
  expect(record).toMatchObject({ version: 3, recipe: { version: 5 } });
  expect(sound(record)).toEqual(run);
  expect(runSchema.shape).not.toHaveProperty('version');
});

test.each(Object.keys(recipe))('a run whose recipe lacks %s, or has nonsense there, still lists', (key) => {
  const { [key]: value, ...rest } = recipe;
  expect(value).toBeDefined();
  expect(sound({ ...stored, recipe: rest }).name).toBe('amber-otter');
  for (const odd of [null, {}, -1e9, 'zigzag', [3]]) {
    const run = sound({ ...stored, recipe: { ...recipe, [key]: odd } });
    expect(run.weightsStep).toBe(200);
    expect(run.notes.length + Number(key === 'model' && odd === 'zigzag')).toBeGreaterThan(0);
  }
});

test.each(['task', 'method'])('a run whose recipe has nonsense for its %s still lists', (key) => {
  const { recipe: current } = runRecord(sound(stored)) as { recipe: Fields };
  for (const odd of [null, -1e9, 'zigzag', [3], { type: 'zigzag' }, { type: 3, odd: {} }]) {
    const run = sound({ ...stored, recipe: { ...current, [key]: odd } });
    expect(run.weightsStep).toBe(200);
    expect(run.notes.length).toBeGreaterThan(0);
  }
});

test('a field of a recipe that is not known any more is told', () => {
  const { notes } = sound({ ...stored, recipe: { ...recipe, warmth: 3 } });
  expect(notes).toEqual(['Unknown and left out: “warmth”.']);
});

/** What a record is of no use without. */
const vital = ['id', 'name', 'createdAt', 'recipe'];

test.each(Object.keys(runSchema.shape))('a run that lacks %s lists, or is listed as damaged', (key) => {
  for (const value of [undefined, null, 'nonsense', 7, { odd: true }]) {
    const read = readRunRecord({ ...(runRecord(sound(stored)) as Fields), [key]: value });
    const fits = runSchema.safeParse({ ...sound(stored), [key]: value }).success;
    if (vital.includes(key) && !fits) expect(read).toMatchObject({ sound: false });
    else expect(read).toMatchObject({ sound: true });
  }
});

test('single evaluations and facts that cannot be read do not take the others with them', () => {
  const [first, second] = version1.run.evaluations;
  const run = sound({
    ...stored,
    evaluations: [first, { ...second, loss: 'low' }],
    dataset: { ...version1.run.dataset, fingerprint: 3 },
    environment: null,
  });
  expect(run.evaluations).toMatchObject([{ step: 200 }]);
  expect(run.dataset).toMatchObject({ name: 'Shoe shop', fingerprint: '' });
  expect(run.environment.backend).toBe('unknown');
  expect(run.notes).toEqual(['Some of its evaluations could not be read.']);
});

test('of predictions that are damaged those that can be read are shown', () => {
  const [probe] = version2.run.probes;
  expect(sound({ ...version2.run, probes: [probe, { caption: 3 }] }).predictions).toEqual([probe]);
  expect(sound({ ...version2.run, probes: 'none' }).predictions).toBeNull();
});

test('weights of which the step or the names are lost are not taken for others', () => {
  for (const change of [{ weightsStep: 'two' }, { tensors: null }]) {
    const run = sound({ ...stored, ...change });
    expect(run).toMatchObject({ weightsStep: null, tensors: [] });
    expect(run.notes).toEqual(['Which weights it kept could not be read.']);
  }
});

test.each([undefined, null, 3, 'run', [], {}, { id: 'r3', nonsense: true }])('%j is no run', (record) => {
  expect(readRunRecord(record)).toMatchObject({ sound: false });
});

test('rows that cannot be read are left out and counted', () => {
  const [first, ...rest] = version1.metrics;
  expect(readRows([{ ...first, loss: null }, ...rest])).toEqual({ rows: rowsOf(rest), lost: 1 });
  expect(readRows('nothing')).toEqual({ rows: [], lost: 1 });
});
