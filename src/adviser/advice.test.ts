import { expect, test } from 'vitest';
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
