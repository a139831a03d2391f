import { expect, test } from 'vitest';
import type { RunEvent } from '../../protocol/run-events';
import { recipeOf } from '../testing/fakes';
import { Course } from './course';
import { learningRateAt, scheduleOf } from './schedule';

const at = 0;
const recipe = recipeOf({ schedule: 'cosine', warmupRatio: 0.1, learningRate: 0.01 });
const rates = (course: Course): number[] =>
  Array.from({ length: course.totalSteps }, (_, index) => course.rateAt(index + 1));

test('without events it is the recipe, bit by bit', () => {
  const schedule = scheduleOf(recipe, 100);
  expect(rates(new Course(recipe, 100))).toEqual(
    Array.from({ length: 100 }, (_, index) => learningRateAt(schedule, index + 1)),
  );
});

test('a new rate holds from the next step on, along the same curve', () => {
  const before = rates(new Course(recipe, 100));
  const after = rates(new Course(recipe, 100, [{ kind: 'rate', step: 40, at, from: 0.01, to: 0.002 }]));
  expect(after.slice(0, 40)).toEqual(before.slice(0, 40));
  after.slice(40).forEach((rate, index) => expect(rate).toBeCloseTo((before[40 + index] ?? 0) / 5, 12));
});

test('a longer run takes what is left of its curve more slowly, without a jump, to the same end', () => {
  const course = new Course(recipe, 100, [{ kind: 'length', step: 40, at, from: 100, to: 300 }]);
  const before = new Course(recipe, 100);
  expect(course.totalSteps).toBe(300);
  for (let step = 1; step <= 40; step++) expect(course.rateAt(step)).toBe(before.rateAt(step));
  expect(Math.abs(course.rateAt(41) - course.rateAt(40))).toBeLessThan(2e-4);
  expect(course.rateAt(300)).toBeCloseTo(before.rateAt(100), 12);
  const all = rates(course).slice(40);
  expect(all.every((rate, index) => index === 0 || rate <= (all[index - 1] ?? 0))).toBe(true);
});

test('a run that had come to its end begins its curve behind the warm-up once more', () => {
  const course = new Course(recipe, 100, [
    { kind: 'length', step: 100, at, from: 100, to: 150 },
    { kind: 'rate', step: 100, at, from: 0.01, to: 0.004 },
  ]);
  expect(course.rateAt(100)).toBe(new Course(recipe, 100).rateAt(100));
  expect(course.rateAt(101)).toBeGreaterThan(0.0039);
  expect(course.rateAt(150)).toBeLessThan(1e-4);
});

test('going back overrides what was changed behind where it went', () => {
  const events: RunEvent[] = [
    { kind: 'rate', step: 60, at, from: 0.01, to: 0.1 },
    { kind: 'rolled-back', step: 50, at, since: 64, reason: 'norm', from: 0.1, to: 0.03 },
  ];
  const course = new Course(recipe, 100, events);
  const before = new Course(recipe, 100);
  expect(course.rateAt(50)).toBe(before.rateAt(50));
  expect(course.peakAfter(50)).toBe(0.03);
  expect(course.peakAfter(80)).toBe(0.03);
  expect(course.rateAt(80)).toBeCloseTo(3 * before.rateAt(80), 12);
});

test('a change that lies ahead of where a run goes on is made where it was made', () => {
  const course = new Course(recipe, 100, [{ kind: 'rate', step: 60, at, from: 0.01, to: 0.02 }]);
  expect(course.peakAfter(59)).toBe(0.01);
  expect(course.peakAfter(60)).toBe(0.02);
});
