import { beforeAll, describe, expect, test } from 'vitest';
import type { Dataset, SampleRecord } from '../../../dataset/types';
import type { Executor } from '../../../engine/executor';
import { createTfjsExecutor } from '../../../engine/tfjs/executor';
import type { RecipeChange } from '../../../recipe/fields';
import { classification } from '../../../tasks/classification';
import type { PixelReader } from '../../features/samples';
import { headRun } from '../../testing/head-run';
import { tinyDataset, tinyModel } from '../../testing/tiny-model';
import { headBias, headWeight } from '../heads/shape';

const model = tinyModel();
let executor: Executor;
let dataset: Dataset;
let records: readonly SampleRecord[];
let pixels: PixelReader;

beforeAll(async () => {
  executor = await createTfjsExecutor('tfjs-cpu');
  const tiny = await tinyDataset();
  pixels = tiny.pixels;
  const colours = ['red', 'green', 'blue', 'white'];
  records = tiny.view.images.map((image) => ({
    ...image,
    // One waits for a label and takes no part.
    fields: image.order === 15 ? {} : { colour: colours[image.order >> 2] ?? '' },
  }));
  const { columns } = tiny.view.dataset;
  dataset = { ...tiny.view.dataset, columns: [...columns, { name: 'colour', role: 'label' }] };
});

function train(changes: RecipeChange, cacheBudget?: number) {
  return headRun({
    ...{ executor, model, dataset, records, pixels },
    changes: { task: 'classification', batchSize: 4, promptTemplate: '{}', ...changes },
    ...(cacheBudget === undefined ? {} : { cacheBudget }),
  });
}

test('pictures of classes that are told by a column are learnt, by the head and the tower together', async () => {
  const { view, reason, losses, record, task } = await train({ learningRate: 5e-3, epochs: 20, evaluateEvery: 10 });
  expect(view).toMatchObject({ unlabelled: 1, captions: expect.arrayContaining(['red', 'white']) as unknown });
  expect(record.message).toContain('Finished');
  expect(reason).toBe('finished');
  expect(task.labels).toEqual(['blue', 'green', 'red', 'white']);
  expect(losses.at(-1)).toBeLessThan((losses[0] ?? 0) / 2);
  const last = record.evaluations.at(-1);
  expect(last?.metrics['accuracy']).toBeGreaterThan(record.baseline?.['accuracy'] ?? NaN);
  expect(record.tensors).toContain(headWeight);
  expect(record.tensors.some((name) => name.startsWith('text_model'))).toBe(false);
  expect(classification.predictions.parse(record.predictions).length).toBeGreaterThan(0);
});

describe('a frozen model', () => {
  const frozen = { freeze: 'projections', epochs: 4, learningRate: 1e-2, evaluateEvery: 3 } as const;

  test('is computed once: keeping its outputs changes nothing but the time', async () => {
    const cached = await train(frozen);
    const plain = await train(frozen, 0);
    expect(cached.task.program.graph.nodes.length).toBeLessThan(plain.task.program.graph.nodes.length);
    cached.losses.forEach((loss, step) => expect(loss).toBeCloseTo(plain.losses[step] ?? NaN, 4));
    expect(cached.record.tensors).toEqual([headWeight, headBias]);
    expect(plain.task.notes.join()).toContain('too large to keep');
  });

  test('gives a head that starts from words the lower loss at first, or else zeros the same for all classes', async () => {
    const zeros = await train({ ...frozen, headStart: 'zeros', epochs: 1 });
    expect(zeros.losses[0]).toBeCloseTo(Math.log(4), 4);
    const words = await train({ ...frozen, epochs: 1 });
    expect(words.losses[0]).not.toBeCloseTo(Math.log(4), 2);
  });
});

test('the same recipe gives the same run, and batches in parts the same losses', async () => {
  const recipe = { epochs: 2, batchOrder: 'stratified', classWeights: 'balanced', labelSmoothing: 0.1 } as const;
  const [first, again] = [await train(recipe), await train(recipe)];
  expect(again.losses).toEqual(first.losses);
  const parts = await train({ ...recipe, microBatchSize: 2 });
  parts.losses.forEach((loss, step) => expect(loss, `step ${step + 1}`).toBeCloseTo(first.losses[step] ?? NaN, 4));
});
