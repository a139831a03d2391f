import { beforeAll, describe, expect, test } from 'vitest';
import type { Executor } from '../../../engine/executor';
import { createTfjsExecutor } from '../../../engine/tfjs/executor';
import type { RecipeChange } from '../../../recipe/fields';
import type { TrainingEvent } from '../../../protocol/protocol';
import { imagesOf, pairsOf, type DatasetView } from '../../data/dataset-view';
import type { QuestionView } from '../../data/question-view';
import { planRun } from '../../data/plan';
import { DeviceLock } from '../../device-lock';
import type { PixelReader } from '../../features/samples';
import { createWeightStore } from '../../features/weight-store';
import { parameterGroups } from '../../session/parameter-groups';
import { Recorder } from '../../session/recorder';
import { Reporter } from '../../session/reporter';
import { TrainingSession } from '../../session/session';
import { eventsOf, MemoryStorage, recipeOf, runOf } from '../../testing/fakes';
import { tinyGenerator, tinyQuestions } from '../../testing/tiny-generator';
import { tinyDataset } from '../../testing/tiny-model';
import { answers } from '../answering';
import { captions } from '../captioning';
import { answerExamples } from './examples';
import { WordsTask, type WordKind } from './words';

const wasmPaths = 'node_modules/@tensorflow/tfjs-backend-wasm/dist/';
const model = tinyGenerator();
let executor: Executor;
let captioned: DatasetView;
let asked: QuestionView;
let pixels: PixelReader;

beforeAll(async () => {
  executor = await createTfjsExecutor('tfjs-wasm', { wasmPaths });
  ({ view: captioned, pixels } = await tinyDataset());
  ({ view: asked } = await tinyQuestions());
});

async function train(kind: WordKind, changes: RecipeChange, cacheBudget?: number) {
  const view = kind === captions ? captioned : asked;
  const recipe = recipeOf({
    task: kind === captions ? 'captioning' : 'answering',
    model: model.id,
    batchSize: 4,
    warmupRatio: 0,
    seed: 3,
    labelSmoothing: 0,
    learningRate: 5e-3,
    ...changes,
  });
  const lock = new DeviceLock();
  const store = await createWeightStore(model, null, executor, lock);
  const device = { executor, store, lock };
  const train = imagesOf(view, 'train');
  const plan = planRun(recipe, pairsOf(view, train).length, imagesOf(view, 'validation').length);
  const task = await WordsTask.create(kind, {
    model,
    view,
    recipe,
    plan,
    device,
    pixels,
    augmented: null,
    cache: null,
    ...(cacheBudget === undefined ? {} : { cacheBudget }),
  });
  const events: TrainingEvent[] = [];
  const now = (): number => performance.now();
  const recorder = new Recorder(runOf(recipe), now, new MemoryStorage());
  const reporter = new Reporter('run', (event) => events.push(event), now);
  const groups = parameterGroups(model.architecture.groups, recipe, task);
  const session = new TrainingSession({ recipe, plan, task, device, groups, recorder, reporter, now });
  const reason = await session.run();
  task.dispose();
  store.dispose();
  const losses = eventsOf(events, 'steps').flatMap(({ steps }) => steps.map(({ loss }) => loss));
  return { reason, losses, events, task, record: recorder.record };
}

test('captions are learnt by the whole model, and written better than before', async () => {
  const { reason, losses, record } = await train(captions, { epochs: 25, evaluateEvery: 25 });
  expect(record.message).toContain('Finished');
  expect(reason).toBe('finished');
  expect(losses.at(-1)).toBeLessThan((losses[0] ?? 0) / 3);
  const last = record.evaluations.at(-1);
  expect(last?.metrics['cider-d']).toBeGreaterThan(record.baseline?.['cider-d'] ?? NaN);
  expect(last?.metrics['loss']).toBeLessThan(record.baseline?.['loss'] ?? NaN);
  expect(last?.metrics['perplexity']).toBeCloseTo(Math.exp(last?.metrics['loss'] ?? NaN), 6);
  expect(record.tensors.some((name) => name.startsWith('vision_model'))).toBe(true);
  // What reads questions has no part in captions.
  expect(record.tensors.some((name) => name.startsWith('text_encoder'))).toBe(false);
  const shown = captions.description.predictions.parse(record.predictions);
  expect(shown).toHaveLength(4);
  expect(shown[0]?.wanted[0]).toMatch(/^(red|green|blue|white) /);
}, 120_000);

test('answers are learnt by all of it, each question of a picture by itself', async () => {
  const { reason, losses, record } = await train(answers, { epochs: 25, evaluateEvery: 50 });
  expect(record.message).toContain('Finished');
  expect(reason).toBe('finished');
  expect(losses.at(-1)).toBeLessThan((losses[0] ?? 0) / 2);
  const last = record.evaluations.at(-1);
  expect(last?.metrics).toMatchObject({ pictures: 4, questions: 8 });
  expect(last?.metrics['vqa-accuracy']).toBeGreaterThan(record.baseline?.['vqa-accuracy'] ?? NaN);
  expect(record.tensors.some((name) => name.startsWith('text_encoder'))).toBe(true);
  const shown = answers.description.predictions.parse(record.predictions);
  expect(shown).toHaveLength(8);
  expect(new Set(shown.map(({ question }) => question))).toEqual(new Set(['which colour', 'which shape']));
}, 120_000);

test('an answer that some gave counts for as many', () => {
  const [image = -1] = imagesOf(asked, 'train').filter((each) => asked.images[each]?.order === 0);
  expect(answerExamples(asked, [image])).toEqual([
    { image, question: 'which colour', text: 'red', weight: 2 / 3 },
    { image, question: 'which colour', text: 'white', weight: 1 / 3 },
    { image, question: 'which shape', text: 'square', weight: 1 },
  ]);
});

describe.each([
  ['captions', captions],
  ['answers', answers],
] as const)('%s', (_, kind) => {
  const locked = { freeze: 'image-locked', epochs: 2, evaluateEvery: 4 } as const;

  test('a frozen image tower is computed once: keeping its outputs changes nothing but the time', async () => {
    const cached = await train(kind, locked);
    const plain = await train(kind, locked, 0);
    expect(cached.task.program.graph.nodes.length).toBeLessThan(plain.task.program.graph.nodes.length);
    cached.losses.forEach((loss, step) => expect(loss).toBeCloseTo(plain.losses[step] ?? NaN, 4));
    expect(cached.record.tensors.some((name) => name.startsWith('vision_model'))).toBe(false);
    expect(plain.task.notes.join()).toContain('too large to keep');
  }, 120_000);

  test('the same recipe gives the same run, and batches in parts the same losses', async () => {
    const recipe = { epochs: 2, labelSmoothing: 0.1, evaluateEvery: 100 } as const;
    const [first, again] = [await train(kind, recipe), await train(kind, recipe)];
    expect(again.losses).toEqual(first.losses);
    const parts = await train(kind, { ...recipe, microBatchSize: 2 });
    parts.losses.forEach((loss, step) => expect(loss, `step ${step + 1}`).toBeCloseTo(first.losses[step] ?? NaN, 4));
  }, 120_000);

  test('the labels of Transformers are another lesson', async () => {
    const recipe = { epochs: 1, evaluateEvery: 100 } as const;
    const [lavis, transformers] = [
      await train(kind, recipe),
      await train(kind, { ...recipe, labelConvention: 'transformers' }),
    ];
    expect(transformers.losses[0]).not.toBeCloseTo(lavis.losses[0] ?? NaN, 3);
    // How good a model is, is measured alike.
    expect(transformers.record.baseline?.['loss']).toBeGreaterThan(0);
  }, 120_000);
});

test('a caption may begin with words that are given', async () => {
  const { record, losses } = await train(captions, { captionPrompt: 'a', epochs: 3, evaluateEvery: 100 });
  expect(losses.every(Number.isFinite)).toBe(true);
  const shown = captions.description.predictions.parse(record.predictions);
  expect(shown.every(({ tuned }) => !tuned.startsWith('a '))).toBe(true);
}, 60_000);

test('a recipe that freezes all that the task uses is refused', async () => {
  await expect(train(captions, { freeze: 'custom', trainableGroups: ['question.blocks.0'] })).rejects.toThrow(
    'nothing to train',
  );
});
