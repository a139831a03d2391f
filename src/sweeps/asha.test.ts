import { expect, test } from 'vitest';
import { promotable, runsWorth } from './asha';
import { nextStep } from './course';
import { asha, sweepOf, trialOf } from './testing';
import { rungShares, type Sweep } from './types';

test('rungs are shares of the whole length', () => {
  expect(rungShares(asha)).toEqual([1 / 9, 1 / 3, 1]);
  expect(rungShares({ type: 'random' })).toEqual([1]);
});

test('one in three goes on, the best of those at its rung', () => {
  const trials = [trialOf('waiting', 0.4), trialOf('waiting', 0.6)];
  expect(promotable(trials, asha, true)).toBeNull();
  expect(promotable([...trials, trialOf('waiting', 0.5)], asha, true)).toBe(1);
  expect(promotable([...trials, trialOf('waiting', 0.5)], asha, false)).toBe(0);
});

test('who has gone on keeps a place among the best of its rung', () => {
  const trials = [trialOf('waiting', 0.6, 0.7), trialOf('waiting', 0.5), trialOf('waiting', 0.4)];
  expect(promotable(trials, asha, true)).toBeNull();
  const more = [...trials, trialOf('waiting', 0.1), trialOf('waiting', 0.2), trialOf('waiting', 0.3)];
  expect(promotable(more, asha, true)).toBe(1);
});

test('the uppermost rung comes first', () => {
  const upper = [0.7, 0.9, 0.8].map((value) => trialOf('waiting', 0.5, value));
  const lower = [0.4, 0.45, 0.6, 0.3, 0.2, 0.1].map((value) => trialOf('waiting', value));
  expect(promotable([...upper, ...lower], asha, true)).toBe(1);
});

test('a trial that failed, or that scored no number, counts at its rung and never goes on', () => {
  const one = trialOf('waiting', 0.4);
  expect(promotable([one, trialOf('failed'), trialOf('failed')], asha, true)).toBe(0);
  expect(promotable([trialOf('failed'), trialOf('waiting', null), trialOf('failed')], asha, true)).toBeNull();
  // One that failed behind a rung was at that rung.
  expect(promotable([trialOf('failed', 0.9), one, trialOf('waiting', 0.1)], asha, true)).toBeNull();
});

/** Goes through a sweep whose trials score what a function says, and tells which trial came to which rung in which order. */
function wholeCourse(start: Sweep, score: (trial: number, rung: number) => number): readonly string[] {
  const order: string[] = [];
  let sweep = start;
  for (;;) {
    const next = nextStep(sweep);
    if (next.kind === 'end') return order;
    if (next.kind === 'take-up') throw new Error('Nothing was interrupted.');
    const number = next.kind === 'begin' ? sweep.trials.length : next.number;
    const trial = next.kind === 'begin' ? { ...trialOf('waiting'), values: next.values } : sweep.trials[number];
    if (trial === undefined) throw new Error('There is no such trial.');
    const rung = trial.scores.length;
    const scores = [...trial.scores, { step: 1, value: score(number, rung) }];
    const trials = [...sweep.trials];
    trials[number] = { ...trial, scores, state: scores.length === 3 ? 'finished' : 'waiting' };
    sweep = { ...sweep, trials };
    order.push(`${number}@${rung}`);
  }
}

test('nine trials come to nine, three and one, in the order of one trainer', () => {
  const sweep = sweepOf({ method: asha, budget: { unit: 'runs', amount: 9 } });
  // The earlier a trial, the better: every third one makes a promotion.
  const order = wholeCourse(sweep, (trial, rung) => rung - trial);
  expect(order.join(' ')).toBe('0@0 1@0 2@0 0@1 3@0 4@0 5@0 1@1 6@0 7@0 8@0 2@1 0@2');
});

test('a trial that is better than all before goes on at once, without waiting for others', () => {
  const sweep = sweepOf({ method: asha, budget: { unit: 'runs', amount: 5 } });
  const order = wholeCourse(sweep, (trial, rung) => rung + trial);
  expect(order.join(' ')).toBe('0@0 1@0 2@0 2@1 3@0 3@1 4@0 4@1 4@2');
});

test('what it comes to in whole runs', () => {
  expect(runsWorth({ type: 'random' }, 9)).toBe(9);
  // 9 · 1/9 + 3 · 2/9 + 1 · 2/3
  expect(runsWorth(asha, 9)).toBeCloseTo(1 + 2 / 3 + 2 / 3, 10);
});
