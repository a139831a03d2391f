import { expect, test } from 'vitest';
import { migrated } from './chartPreferences';

test('what a reader of version 2 chose to see is shown, and nothing else of what there was then', () => {
  const { chosen, axis } = migrated({ axis: 'epoch', shown: ['loss', 'logit-scale'] }, 2) as {
    chosen: Record<string, boolean>;
    axis: string;
  };
  expect(axis).toBe('epoch');
  expect(chosen).toMatchObject({ loss: true, 'logit-scale': true, 'learning-rate': false, 'validation-loss': false });
  expect(chosen).not.toHaveProperty('accuracy');
});

test('version 1 had both losses in one chart', () => {
  expect(migrated({ shown: ['loss'] }, 1)).toMatchObject({ chosen: { loss: true, 'validation-loss': true } });
});

test.each([null, 3, {}, { shown: 'all' }])('%j leaves the usual charts', (stored) => {
  expect(migrated(stored, 2) ?? {}).not.toHaveProperty('chosen');
});
