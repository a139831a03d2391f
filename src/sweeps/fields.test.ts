import { describe, expect, test } from 'vitest';
import { infoOf } from '../recipe/describe';
import { defaultRecipe, withFields } from '../recipe/fields';
import { recipeSchema } from '../recipe/schema';
import { tasks, type TaskId } from '../tasks';
import { trialRecipe } from './course';
import { planProblems, proposedFields, proposedRange, rangeProblem, rangeText, sweepable, sweepName } from './fields';
import { nextValues } from './suggest';
import { asha, learningRate, optimizer, sweepOf } from './testing';

describe.each(Object.keys(tasks) as TaskId[])('the fields of the task %s', (task) => {
  const recipe = withFields(defaultRecipe, { task });

  test('each has a range that can be taken as it is proposed, and gives recipes that can be trained with', () => {
    const keys = sweepable(recipe);
    expect(keys).toContain('learningRate');
    expect(keys).toContain('freeze');
    const fields = keys.map((key) => ({ key, range: proposedRange(key, recipe) }));
    for (const field of fields) expect([field.key, rangeProblem(field, recipe)]).toEqual([field.key, null]);
    const plan = sweepOf({ recipe, fields });
    for (let number = 0; number < 20; number++) {
      const values = nextValues({ ...plan, seed: number }, []) ?? {};
      expect(Object.keys(values)).toEqual(keys);
      expect(recipeSchema.safeParse(trialRecipe(plan, values)).success).toBe(true);
    }
  });

  test('what is taught and how it is evaluated is none of them', () => {
    const groups = sweepable(recipe)
      .filter((key) => key !== 'seed')
      .map((key) => infoOf(key, recipe).group);
    expect(groups).not.toContain('evaluation');
    expect(groups).not.toContain('memory');
    for (const key of ['task', 'method', 'model', 'selectionMetric', 'restoreBest', 'trainableGroups'] as const) {
      expect(sweepable(recipe)).not.toContain(key);
    }
  });
});

test('rates are proposed an order of magnitude to each side, on a logarithmic scale', () => {
  const recipe = withFields(defaultRecipe, { learningRate: 3e-4, batchSize: 32, seed: 5 });
  expect(proposedRange('learningRate', recipe)).toEqual({
    kind: 'between',
    min: 3e-5,
    max: 3e-3,
    scale: 'log',
    whole: false,
  });
  expect(proposedRange('batchSize', recipe)).toEqual({ kind: 'choice', values: [16, 32, 64] });
  expect(proposedRange('seed', recipe)).toEqual({ kind: 'choice', values: [5, 6, 7] });
  expect(proposedRange('learningRate', withFields(recipe, { learningRate: 0.5 }))).toMatchObject({ max: 1 });
  expect(proposedFields(recipe).map(({ key }) => key)).toEqual(['learningRate', 'weightDecay']);
});

test('ranges are told in the words of the form', () => {
  expect(rangeText(learningRate, defaultRecipe)).toBe('1e-5 to 0.01');
  expect(rangeText(optimizer, defaultRecipe)).toBe('AdamW, SGD with momentum');
  expect(sweepName([learningRate, optimizer], defaultRecipe)).toBe('Learning rate × optimizer');
});

test('what cannot be taken is said', () => {
  const between = { kind: 'between', min: 0.1, max: 0.2, scale: 'log', whole: false } as const;
  const problem = (range: Partial<typeof between> | Record<string, unknown>): string | null =>
    rangeProblem({ key: 'weightDecay', range: { ...between, ...range } }, defaultRecipe);
  expect(problem({})).toBeNull();
  expect(problem({ max: 2 })).toContain('2 is not a possible value (from 0 to 1)');
  expect(problem({ min: 0.3 })).toContain('below the second');
  expect(problem({ min: 0 })).toContain('above 0');
  expect(problem({ kind: 'choice', values: [0.1] })).toContain('two values');
  expect(problem({ kind: 'choice', values: [0.1, NaN] })).toContain('NaN');
  expect(planProblems(sweepOf({ fields: [] }))).toEqual(['Choose a field to vary.']);
  const length = [{ key: 'steps' as const, range: { kind: 'choice' as const, values: [10, 20] } }];
  expect(planProblems(sweepOf({ fields: length }))).toEqual([]);
  expect(planProblems(sweepOf({ fields: length, method: asha }))[0]).toContain('one length');
  const many = [
    learningRate,
    { ...learningRate, key: 'weightDecay' as const, range: between },
    { ...learningRate, key: 'maxGradNorm' as const },
  ];
  expect(planProblems(sweepOf({ fields: many, method: { type: 'grid', levels: 20 } }))).toEqual([]);
});
