import { beforeAll, describe, expect, test } from 'vitest';
import type { Executor } from '../../../engine/executor';
import { createTfjsExecutor } from '../../../engine/tfjs/executor';
import type { RecipeChange } from '../../../recipe/fields';
import { imagesOf } from '../../data/dataset-view';
import { sessionStateSchema, type SessionSnapshot } from '../../session/state';
import { tinyQuestions } from '../../testing/tiny-generator';
import { trainWords, type WordsRun } from '../../testing/words-run';
import { answers } from '../answering';
import { captions } from '../captioning';
import { answerExamples } from './examples';
import type { WordKind } from './words';

const wasmPaths = 'node_modules/@tensorflow/tfjs-backend-wasm/dist/';
let executor: Executor;

beforeAll(async () => {
  executor = await createTfjsExecutor('tfjs-wasm', { wasmPaths });
});

function train(kind: WordKind, changes: RecipeChange, run?: WordsRun) {
  return trainWords(executor, kind, changes, run);
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
});

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
});

test('an answer that some gave counts for as many', async () => {
  const { view: asked } = await tinyQuestions();
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
    const plain = await train(kind, locked, { cacheBudget: 0 });
    expect(cached.task.program.graph.nodes.length).toBeLessThan(plain.task.program.graph.nodes.length);
    cached.losses.forEach((loss, step) => expect(loss).toBeCloseTo(plain.losses[step] ?? NaN, 4));
    expect(cached.record.tensors.some((name) => name.startsWith('vision_model'))).toBe(false);
    expect(plain.task.notes.join()).toContain('too large to keep');
  });

  test('the same recipe gives the same run, and batches in parts the same losses', async () => {
    const recipe = { epochs: 2, labelSmoothing: 0.1, evaluateEvery: 100 } as const;
    const [first, again] = [await train(kind, recipe), await train(kind, recipe)];
    expect(again.losses).toEqual(first.losses);
    const parts = await train(kind, { ...recipe, microBatchSize: 2 });
    parts.losses.forEach((loss, step) => expect(loss, `step ${step + 1}`).toBeCloseTo(first.losses[step] ?? NaN, 4));
  });

  test('five steps and five more that another session goes on with are ten', async () => {
    const recipe = {
      durationUnit: 'steps',
      steps: 10,
      evaluateEvery: 2,
      learningRate: 3e-3,
      labelSmoothing: 0.1,
      attentionDropout: 0.1,
      writtenBeams: 2,
    } as const;
    const straight = await train(kind, recipe);
    const first = await train(kind, recipe, { until: 5 });
    if (first.snapshot === null) throw new Error('no snapshot');
    expect(first.snapshot.state.step).toBe(5);
    const rest = await train(kind, recipe, { from: stored(first.snapshot) });
    expect([...first.losses, ...rest.losses]).toEqual(straight.losses);
    expect(rest.weights).toEqual(straight.weights);
    // The first session evaluates once more where it stops.
    const later = straight.evaluations.filter(({ step }) => step > 5);
    expect(later.length).toBeGreaterThan(1);
    expect(rest.evaluations.filter(({ step }) => step > 5)).toEqual(later);
  });

  test('the labels of Transformers are another lesson', async () => {
    const recipe = { epochs: 1, evaluateEvery: 100 } as const;
    const [lavis, transformers] = [
      await train(kind, recipe),
      await train(kind, { ...recipe, labelConvention: 'transformers' }),
    ];
    expect(transformers.losses[0]).not.toBeCloseTo(lavis.losses[0] ?? NaN, 3);
    // How good a model is, is measured alike.
    expect(transformers.record.baseline?.['loss']).toBeGreaterThan(0);
  });
});

test('a caption may begin with words that are given', async () => {
  const { record, losses } = await train(captions, { captionPrompt: 'a', epochs: 3, evaluateEvery: 100 });
  expect(losses.every(Number.isFinite)).toBe(true);
  const shown = captions.description.predictions.parse(record.predictions);
  expect(shown.every(({ tuned }) => !tuned.startsWith('a '))).toBe(true);
});

test('a recipe that freezes all that the task uses is refused', async () => {
  await expect(train(captions, { freeze: 'custom', trainableGroups: ['question.blocks.0'] })).rejects.toThrow(
    'nothing to train',
  );
});

/** As storage gives it back. */
function stored(snapshot: SessionSnapshot): SessionSnapshot {
  const state = sessionStateSchema.parse(JSON.parse(JSON.stringify(snapshot.state)));
  return structuredClone({ ...snapshot, state });
}
