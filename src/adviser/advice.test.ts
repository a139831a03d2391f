import { expect, test } from 'vitest';
import { recipeSchema } from '../recipe/schema';
import { advise } from './advice';
import type { Evidence } from './evidence';
import { recordedCases, type Case } from './testing/recorded';

const [{ evidence: good }] = recordedCases('runs') as [Case];

test('a run of a step, of none, or with a loss that is no number gets no nonsense', () => {
  const evidence = good;
  const none: Evidence = { ...evidence, loss: [], gradNorm: [], logitScale: [], baseline: null, evaluations: [] };
  expect(advise(none)).toEqual([]);
  expect(advise({ ...none, loss: [2] })).toEqual([]);
  expect(advise({ ...none, loss: [2, NaN, NaN] })).toMatchObject([
    { id: 'rate-high', reason: expect.stringContaining('step 2') as string },
  ]);
});

test('a model whose pictures have all become alike has collapsed, and a scale that runs away is told', () => {
  const evidence = good;
  const metrics = { 'recall@1': 0.4, accuracy: 0.4, 'imageToText.recallAt1': 0.4, pictures: 40, loss: 2 };
  const chance = Object.fromEntries(
    Object.entries(metrics).map(([name, value]) => [name, value === 0.4 ? 0.02 : value]),
  );
  const collapsed = { ...evidence, baseline: metrics, evaluations: [{ step: 8, metrics: chance, change: null }] };
  expect(advise(collapsed).map(({ id }) => id)).toContain('collapse');
  const drifting = {
    ...evidence,
    logitScale: evidence.loss.length > 0 ? Array.from(evidence.loss, (_, at) => 14 + at) : [],
  };
  expect(advise(drifting).map(({ id }) => id)).toEqual(['temperature', 'near-chance']);
});

test('a loss that has gone to nothing may double: little of what was learnt is lost', () => {
  const trained = Array.from({ length: 400 }, (_, at) => 3 * Math.exp(-at / 20) + (at > 360 ? 4e-8 : 1e-8));
  const noise = [0.9, 0.2, 1e-3, 1e-5, 1e-7, 3e-8, 1e-8, 4e-8];
  const evaluations = noise.map((loss, at) => ({ step: 50 * (at + 1), metrics: { loss }, change: null }));
  const evidence: Evidence = { ...good, loss: trained, baseline: { loss: 3 }, evaluations };
  expect(advise(evidence).map(({ id }) => id)).not.toContain('rate-high');
});

test('a captioner whose loss still falls at an even pace has not collapsed while its words do not hold together yet', () => {
  const recipe = recipeSchema.parse({ task: { type: 'captioning' } });
  const evaluated = (losses: readonly number[]): Evidence => ({
    ...good,
    recipe,
    loss: Array.from({ length: 120 }, (_, at) => 3 - at / 120),
    baseline: { loss: 3, 'cider-d': 0.5, captions: 40, pictures: 40 },
    evaluations: losses.map((loss, at) => ({
      step: 10 * (at + 1),
      metrics: { loss, 'cider-d': 0, captions: 40, pictures: 40 },
      change: null,
    })),
  });
  const ids = (losses: readonly number[]) => advise(evaluated(losses)).map(({ id }) => id);
  expect(ids([2.9, 2.7, 2.5, 2.3, 2.1, 1.9])).not.toContain('collapse');
  expect(ids([2.9, 2.5, 2.2, 2.1, 2.1, 2.1])).toContain('collapse');
});
