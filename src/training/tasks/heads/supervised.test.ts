// @module-tag slow

import { beforeAll, describe, expect, test } from 'vitest';
import type { Dataset, SampleRecord } from '../../../dataset/types';
import type { Executor } from '../../../engine/executor';
import { createTfjsExecutor } from '../../../engine/tfjs/executor';
import type { RecipeChange } from '../../../recipe/fields';
import type { PixelReader } from '../../features/samples';
import { headRun, type HeadRunOptions } from '../../testing/head-run';
import { tinyDataset, tinyModel } from '../../testing/tiny-model';

/** Reviews whose meaning needs both: a warm colour with one word, or a cold one with the other, is good. */

const model = tinyModel();
let executor: Executor;
let dataset: Dataset;
let records: readonly SampleRecord[];
let pixels: PixelReader;

const samples = 96;

beforeAll(async () => {
  executor = await createTfjsExecutor('tfjs-wasm', {
    wasmPaths: 'node_modules/@tensorflow/tfjs-backend-wasm/dist/',
  });
  const tiny = await tinyDataset();
  const [first] = tiny.view.images;
  if (first === undefined) throw new Error('no picture');
  dataset = {
    ...tiny.view.dataset,
    columns: [
      ...tiny.view.dataset.columns,
      { name: 'verdict', role: 'label' },
      { name: 'tags', role: 'none' },
      { name: 'size', role: 'number' },
    ],
  };
  const place = ({ hash }: SampleRecord): number => Number(hash) % 16;
  records = Array.from({ length: samples }, (_, index): SampleRecord => {
    const round = Math.floor(index / 16);
    const warm = index % 16 < 8;
    const word = round % 2 === 0;
    return {
      ...first,
      id: `tiny/${index}`,
      hash: String(index).padStart(3, '0'),
      order: index,
      split: round >= 4 ? 'validation' : 'train',
      captions: [word ? 'disc' : 'bar'],
      fields: {
        verdict: warm === word ? 'good' : 'bad',
        tags: [...(warm ? ['warm'] : []), ...(word ? ['round'] : ['edgy'])],
        size: (warm ? 10 : 20) + (word ? 1 : 4),
      },
    };
  });
  pixels = {
    pixels: (image) => tiny.pixels.pixels({ ...image, hash: String(place(image)).padStart(2, '0') }),
  };
});

const frozen = { freeze: 'projections', learningRate: 2e-2, epochs: 40, evaluateEvery: 40, headWidth: 16 } as const;

function run(changes: RecipeChange, more: Partial<HeadRunOptions> = {}) {
  const common = { task: 'classification', headDropout: 0, headStart: 'zeros', ...frozen } as const;
  return headRun({ executor, model, dataset, records, pixels, changes: { ...common, ...changes }, ...more });
}

const accuracyOf = ({ evaluations }: Awaited<ReturnType<typeof run>>): number =>
  Math.max(...evaluations.map(({ accuracy = 0 }) => accuracy));

describe('a verdict that needs picture and words', () => {
  test.each(['picture', 'words'] as const)('is not told from %s alone', async (input) => {
    expect(accuracyOf(await run({ input, head: 'mlp' }))).toBeLessThan(0.75);
  });

  test.each([
    { fusion: 'concat', head: 'mlp' },
    { fusion: 'gate', head: 'mlp' },
    { fusion: 'attention', head: 'linear' },
  ] as const)('is told from both, by $fusion and a head that is $head', async (changes) => {
    const both = await run({ input: 'both', ...changes });
    expect(both.record.message).toContain('Finished');
    expect(accuracyOf(both)).toBeGreaterThan(0.9);
    expect(both.record.tensors.every((name) => /^(head|classifier)\./.test(name))).toBe(true);
    const { temperature, 'ece.before': before, 'ece.after': after } = both.evaluations.at(-1) ?? {};
    expect(temperature).toBeGreaterThan(0);
    expect(Math.min(before ?? NaN, after ?? NaN)).toBeGreaterThanOrEqual(0);
  });
});

describe('a head on frozen towers', () => {
  const both = { input: 'both', fusion: 'attention', epochs: 4 } as const;

  test('reads what is kept: keeping it changes nothing but the time', async () => {
    const kept = await run(both);
    const computed = await run(both, { cacheBudget: 0 });
    expect(kept.task.program.graph.nodes.length).toBeLessThan(computed.task.program.graph.nodes.length);
    kept.losses.forEach((loss, step) => expect(loss).toBeCloseTo(computed.losses[step] ?? NaN, 3));
    expect(computed.task.notes.join()).toContain('too large to keep');
  });

  test('does without words where they are missing, and where one of both is left out', async () => {
    const some = records.map((record, index) => (index % 5 === 0 ? { ...record, captions: [] } : record));
    const changes = { ...both, fusion: 'gate', modalityDropout: 0.3 } as const;
    const [one, again] = [await run(changes, { records: some }), await run(changes, { records: some })];
    expect(one.losses.every(Number.isFinite)).toBe(true);
    expect(again.losses).toEqual(one.losses);
    expect(one.record.tensors).toEqual(expect.arrayContaining(['head.words_missing', 'head.picture_missing']));
  });

  test('begins anew alike with the same seed, and otherwise with another', async () => {
    const [one, other] = [await run({ ...both, epochs: 1 }), await run({ ...both, epochs: 1, seed: 4 })];
    expect(other.losses).not.toEqual(one.losses);
  });
});

describe.each([
  { name: 'attention, with dropout', changes: { fusion: 'attention', headDropout: 0.2, modalityDropout: 0.2 } },
  { name: 'gate, with the last blocks', changes: { fusion: 'gate', freeze: 'last-blocks', lastBlocks: 1 } },
  { name: 'side by side, in micro-batches', changes: { fusion: 'concat', head: 'mlp', microBatchSize: 8 } },
  { name: 'several labels', changes: { fusion: 'concat', labelKind: 'several' } },
  { name: 'classes that weigh differently', changes: { fusion: 'concat', classWeights: 'balanced' } },
  { name: 'numbers', changes: { task: 'regression', fusion: 'concat', head: 'mlp', headDropout: 0.1 } },
] as const)('$name', ({ changes }) => {
  test('five steps and five more that another session goes on with are ten', async () => {
    const recipe = { input: 'both', ...changes, durationUnit: 'steps', steps: 10, evaluateEvery: 4 } as const;
    const straight = await run(recipe);
    const first = await run(recipe, { until: 5 });
    if (first.snapshot === null) throw new Error('no snapshot');
    const rest = await run(recipe, { from: structuredClone(first.snapshot) });
    expect(rest.weights).toEqual(straight.weights);
    expect([...first.losses.slice(0, 5), ...rest.losses]).toEqual(straight.losses);
  });
});

test('batches in parts give the losses of the whole', async () => {
  const recipe = { input: 'both', head: 'mlp', labelKind: 'several', epochs: 2 } as const;
  const [whole, parts] = [await run(recipe), await run({ ...recipe, microBatchSize: 5 })];
  parts.losses.forEach((loss, step) => expect(loss).toBeCloseTo(whole.losses[step] ?? NaN, 4));
});

test('several labels are each said where they are more probable than what was chosen for them', async () => {
  const columns = dataset.columns.map(({ name, role }) =>
    name === 'tags' ? ({ name, role: 'label' } as const) : { name, role: role === 'label' ? 'none' : role },
  );
  const { evaluations, task, record } = await run(
    { input: 'both', head: 'mlp', labelKind: 'several', classWeights: 'balanced' },
    { dataset: { ...dataset, columns } },
  );
  expect(task.labels).toEqual(['edgy', 'round', 'warm']);
  const last = evaluations.at(-1) ?? {};
  expect(last['exact-match']).toBeGreaterThan(0.9);
  expect(Object.keys(last)).toEqual(expect.arrayContaining(['threshold.0', 'threshold.2', 'macro-f1', 'micro-f1']));
  expect(record.baseline?.['micro-f1']).toBeLessThan(last['micro-f1'] ?? NaN);
});

test.each(['cross-entropy', 'focal'] as const)(
  'steps of a scale are learnt in their order, with %s',
  async (classLoss) => {
    const columns = dataset.columns.map(({ name, role }) =>
      name === 'size' ? ({ name, role: 'label' } as const) : { name, role: role === 'label' ? 'none' : role },
    );
    const { evaluations, task, losses } = await run(
      { input: 'both', labelKind: 'ordered', head: 'mlp', epochs: 60, classLoss },
      { dataset: { ...dataset, columns } },
    );
    expect(task.labels).toEqual(['11', '14', '21', '24']);
    expect(losses.at(-1)).toBeLessThan(losses[0] ?? NaN);
    const last = evaluations.at(-1) ?? {};
    expect(last['mean-steps']).toBeLessThan(0.3);
    expect(last.accuracy).toBeGreaterThan(0.7);
  },
);

test.each(['squared', 'huber'] as const)('numbers are given in their own unit, with %s errors', async (numberLoss) => {
  const { evaluations, record, task } = await run({ task: 'regression', input: 'both', numberLoss, epochs: 60 });
  expect(task.scales).toEqual([{ name: 'size', mean: 17.5, deviation: expect.closeTo(Math.sqrt(27.25), 6) as number }]);
  const last = evaluations.at(-1) ?? {};
  expect(last['mae']).toBeLessThan(1);
  expect(record.baseline?.['mae']).toBeGreaterThan(4);
  expect(last['r2']).toBeGreaterThan(0.9);
  expect(last['error.0']).toBeLessThan(1.5);
});
