import { expect, it } from 'vitest';
import { controlOf } from './control';
import { recipeKeys } from './fields';

it('reads the control of every field off the schema', () => {
  expect(controlOf('schedule')).toEqual({
    kind: 'choice',
    options: [
      { value: 'constant', label: 'Constant' },
      { value: 'linear', label: 'Linear' },
      { value: 'cosine', label: 'Cosine' },
    ],
  });
  expect(controlOf('augmentFlip')).toEqual({ kind: 'switch' });
  expect(controlOf('augmentCrop')).toEqual({ kind: 'share', min: 0, max: 0.9 });
  expect(controlOf('beta2')).toMatchObject({ kind: 'number', max: 0.99999, integer: false });
  expect(controlOf('batchSize')).toEqual({ kind: 'number', min: 2, max: 1024, integer: true, scale: 'binary' });
  expect(controlOf('learningRate')).toEqual({ kind: 'number', min: 1e-8, max: 1, integer: false, scale: 'log' });
  expect(recipeKeys.filter((key) => controlOf(key).kind === 'none')).toEqual(['model', 'trainableGroups', 'changes']);
});
