import { expect, test } from 'vitest';
import { recipeSchema } from '../../recipe/schema';
import fixtures from './fixtures/schedules.json';
import { learningRateAt, scheduleOf, type Schedule } from './schedule';

test.each(
  fixtures.map((fixture) => [`${fixture.type} ${fixture.warmupSteps}/${fixture.totalSteps}`, fixture] as const),
)('learning rates of %s are those of Transformers', (_, fixture) => {
  const schedule: Schedule = { ...fixture, type: fixture.type as Schedule['type'] };
  fixture.rates.forEach((rate, index) => {
    expect(learningRateAt(schedule, index + 1)).toBeCloseTo(rate, 12);
  });
});

test('warm-up is a share of the run, rounded up', () => {
  const recipe = recipeSchema.parse({ warmupRatio: 0.06, learningRate: 0.01, schedule: 'linear' });
  expect(scheduleOf(recipe, 101)).toEqual({ type: 'linear', peak: 0.01, warmupSteps: 7, totalSteps: 101 });
});
