import { expect, test } from 'vitest';
import { defaultRecipe, withFields } from '../recipe/fields';
import { changesSince, runBefore, sinceText } from './since';
import { runSchema, type Run } from './types';

const dataset = { id: 'd', name: 'shoes', images: 9, train: 6, validation: 2, test: 1, fingerprint: 'f' };
const base = { id: 'seed-clip', digest: 'a'.repeat(64), hub: null, revision: null };
const at = (createdAt: number, changes: Partial<Run> = {}): Run => ({
  ...runSchema.parse({
    id: `r${createdAt}`,
    name: `run ${createdAt}`,
    recipe: defaultRecipe,
    base,
    plan: null,
    dataset,
    environment: { backend: 'fake', adapter: null, userAgent: 'test', version: '0' },
    createdAt,
    endedAt: null,
    state: 'finished',
    message: '',
    totalSteps: 1,
    stepsDone: 1,
    seconds: 1,
    baseline: null,
    evaluations: [],
    bestStep: null,
    weightsStep: null,
    tensors: [],
  }),
  ...changes,
});

test('the run before is the newest earlier one on the same data', () => {
  const other = at(3, { dataset: { ...dataset, fingerprint: 'g' } });
  expect(runBefore(at(4), [at(5), other, at(1), at(2)])?.id).toBe('r2');
  expect(runBefore(at(4), [other, at(4)])).toBeNull();
  expect(changesSince(at(1), [])).toBeNull();
});

test('runs of unknown data are on no same data', () => {
  const unknown = { ...dataset, fingerprint: '' };
  expect(runBefore(at(2, { dataset: unknown }), [at(1, { dataset: unknown })])).toBeNull();
});

test('what changed is told in words: fields, base weights and what it was computed on', () => {
  const recipe = withFields(defaultRecipe, { learningRate: 1e-4, epochs: 5 });
  const changed = changesSince(at(2, { recipe }), [at(1)]);
  expect(changed).toEqual({
    id: 'r1',
    name: 'run 1',
    changes: [
      { label: 'Epochs', from: '10', to: '5' },
      { label: 'Learning rate', from: '3e-4', to: '1e-4' },
    ],
  });
  expect(changed && sinceText(changed)).toBe('epochs 10 → 5, learning rate 3e-4 → 1e-4');
  const again = changesSince(at(2), [at(1)]);
  expect(again && sinceText(again)).toBe('nothing: the same again');
  const environment = { ...at(1).environment, backend: 'WebGPU' };
  const moved = changesSince(at(2, { base: { ...base, digest: 'b'.repeat(64) }, environment }), [at(1)]);
  expect(moved?.changes).toEqual([
    { label: 'Weights of the base model', from: 'aaaaaaaa', to: 'bbbbbbbb' },
    { label: 'Computed on', from: 'fake', to: 'WebGPU' },
  ]);
});
