import { expect, test } from 'vitest';
import type { EvaluationReport } from '../protocol/evaluation';
import { changesSection } from './examples';

function report(samples: number): EvaluationReport {
  const outcome = (right: boolean, said: string) => ({ right, score: Number(right), said });
  const places = Array.from({ length: samples }, (_, place) => place);
  return {
    outcomes: {
      samples: places.map((place) => ({ imageId: `d/${place}`, wanted: `picture ${place} | secret` })),
      base: places.map((place) => outcome(place === 0, `base ${place}`)),
      tuned: places.map((place) => outcome(place === 1 || place === 2, `tuned ${place}`)),
      turned: { fixed: 2, broken: 1, pValue: 1 },
    },
  } as unknown as EvaluationReport;
}

test('the card counts what was fixed and broken, and tells no caption unless it is asked to', () => {
  const section = changesSection({ test: report(60), examples: false });
  expect(section).toContain('Of 60 test samples, 2 that the base model gets wrong are right now, and 1 that it gets');
  expect(section).toContain('p = 1.000');
  expect(section).not.toContain('secret');
});

test('what is asked for shows the broken beside the fixed', () => {
  const section = changesSection({ test: report(60), examples: true });
  expect(section.match(/^\| fixed /gm)).toHaveLength(2);
  expect(section).toMatch(/^\| broken \| picture 0 \\\| secret \| base 0 \| tuned 0 \|$/m);
});

test('too few samples say nothing', () => {
  expect(changesSection({ test: report(10), examples: true })).toBe('');
  expect(changesSection({ test: null, examples: true })).toBe('');
});
