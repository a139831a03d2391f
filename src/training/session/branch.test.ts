import 'fake-indexeddb/auto';
import { expect, test } from 'vitest';
import { recipeOf, runOf, stepRow } from '../testing/fakes';
import { branchRun } from '../../runs/branch';
import { putCheckpoint, readCheckpoint } from '../../runs/checkpoints';
import { putMetrics, putRunData, putWeights, readMetrics, readRun, readRunData, storedDelta } from '../../runs/store';
import { heldDelta } from '../../runs/weight-set';

const weights = (value: number) => new Map([['w', Float32Array.of(value, 2, 3)]]);

test('a copy has all that a run needs to go on from its newest checkpoint, and the run stays as it is', async () => {
  const run = runOf(recipeOf(), { id: 'first', state: 'finished', weightsStep: 4, bestStep: 4, tensors: ['w'] });
  await putRunData('first', { train: ['a'], validation: ['b'], test: [] });
  await putMetrics('first', [1, 2, 3, 4, 5, 6, 7].map(stepRow));
  await putCheckpoint('first', { step: 3, state: 'three', weights: weights(3), trainer: new Map() });
  await putCheckpoint('first', { step: 6, state: 'six', weights: weights(6), trainer: weights(7) });
  await putWeights(
    { ...run, evaluations: [{ step: 4, seconds: 1, metrics: {}, change: null }] },
    heldDelta(weights(4)),
  );
  const before = await readRun('first');

  expect(await branchRun('first', { id: 'second', name: 'blue-heron' })).toBe('second');
  const copy = await readRun('second');
  expect(copy).toMatchObject({ name: 'blue-heron', state: 'interrupted', stepsDone: 6, weightsStep: 4, bestStep: 4 });
  expect(copy?.events).toMatchObject([{ kind: 'branched', step: 6, run: run.name }]);
  expect(await readCheckpoint('second')).toEqual(await readCheckpoint('first'));
  expect((await readMetrics('second')).rows.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6]);
  expect(await readRunData('second')).toEqual({ train: ['a'], validation: ['b'], test: [] });
  const tensors = [];
  for await (const [name, values] of (copy && storedDelta(copy))?.read() ?? []) tensors.push([name, values[0]]);
  expect(tensors).toEqual([['w', 4]]);
  expect(await readRun('first')).toEqual(before);
});

test('a run without a checkpoint cannot be branched', async () => {
  await expect(branchRun('nowhere', { id: 'x', name: 'x' })).rejects.toMatchObject({ code: 'no-checkpoint' });
});
