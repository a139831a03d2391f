import { expect, test } from 'vitest';
import { nothingOfSamples } from '../protocol/testing';
import type { EvaluationReport } from '../protocol/evaluation';
import type { Slices } from '../tasks/slices';
import type { ExportFacts } from './facts';
import { huggingface } from './formats/huggingface/format';
import { groupsSection } from './groups';
import { modelCard } from './model-card';
import { exportFacts, finishedRun } from './testing/facts';

const scores = (accuracy: number) => ({
  metrics: { accuracy, 'recall@1': accuracy },
  intervals: {
    accuracy: { low: accuracy - 0.1, high: accuracy + 0.1 },
    'recall@1': { low: accuracy - 0.1, high: accuracy + 0.1 },
  },
});
const slices = (told: boolean, column: string): Slices => ({
  column,
  told,
  groups: [
    { name: 'ann|*', samples: 60, base: scores(0.5), tuned: scores(0.8), change: null, tooSmall: false },
    {
      name: 'bob',
      samples: 3,
      base: { metrics: scores(0.4).metrics, intervals: {} },
      tuned: null,
      change: null,
      tooSmall: true,
    },
  ],
  without: 0,
  others: 0,
  gaps: { base: null, tuned: { worst: 'bob', best: 'ann', difference: 0.25, pValue: 0.012 } },
  fairness: {
    base: { demographicParity: null, equalisedOdds: null },
    tuned: {
      demographicParity: { difference: 0.125, class: 'dog', lowest: 'bob', highest: 'ann' },
      equalisedOdds: null,
    },
  },
});
const sample = { imageId: '', wanted: '' };
const report: EvaluationReport = {
  task: 'contrastive',
  split: 'test',
  dataChanged: false,
  base: finishedRun.baseline!,
  tuned: finishedRun.evaluations[1]!.metrics,
  change: null,
  about: {},
  details: { mistakes: [] },
  ...nothingOfSamples,
  outcomes: { ...nothingOfSamples.outcomes, samples: new Array<typeof sample>(63).fill(sample) },
  slices: [slices(true, 'maker'), slices(false, 'patient')],
};
const facts: ExportFacts = {
  ...exportFacts,
  family: 'CLIP',
  format: huggingface.card({ family: 'clip' }),
  precision: 'float32',
  carried: [],
  parameters: 10,
  trainedParameters: 5,
};

test('the card gives groups by columns of labels and groups, marks small ones, and names no other column', () => {
  const text = groupsSection({ ...facts, run: finishedRun, test: report });
  expect(text).toContain('| By maker | Samples | Base model | This model |');
  expect(text).toContain('| bob * | 3 | 40.0 % |  |');
  expect(text).toMatch(/\| ann\\\|\\\* \| 60 \| 50\.0 % \(40\.0 to 60\.0\) \| 80\.0 % \(70\.0 to 90\.0\) \|/);
  expect(text).toContain(
    'lie 25.0 points apart, which is more than chance. Demographic parity difference: 0.125 (class dog, bob against ann).',
  );
  expect(text).not.toContain('patient');
  expect(modelCard({ ...facts, run: finishedRun, test: report })).toContain(
    'Nothing of that was examined here but the groups above.',
  );
});

test('of few samples, or of the base model alone, nothing is said', () => {
  const few = { ...report, outcomes: nothingOfSamples.outcomes };
  expect(groupsSection({ ...facts, run: finishedRun, test: few })).toBe('');
  expect(groupsSection({ ...facts, run: null, test: report })).toBe('');
  expect(groupsSection({ ...facts, run: finishedRun, test: null })).toBe('');
});

test('robustness stands in the card where the exported weights were tested', () => {
  const step = finishedRun.weightsStep ?? 0;
  const metrics = { accuracy: 0.8, 'recall@1': 0.8 };
  const spoiled = { accuracy: 0.6, 'recall@1': 0.6 };
  const rows = [
    { id: null, base: metrics, tuned: metrics },
    { id: 'blur' as const, base: spoiled, tuned: spoiled },
  ];
  const run = { ...finishedRun, robustness: { step, strength: 'medium' as const, rows } };
  const text = modelCard({ ...facts, run });
  expect(text).toContain('| As they are | 80.0 % | 80.0 % |');
  expect(text).toMatch(/\| Blur \(Gaussian, [\d.]+ % of the side\) \| 60\.0 % \| 60\.0 % \|/);
  expect(modelCard({ ...facts, run: { ...run, robustness: { ...run.robustness, step: step + 1 } } })).not.toContain(
    'Robustness',
  );
});
