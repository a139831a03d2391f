import 'fake-indexeddb/auto';
import { expect, test, vi } from 'vitest';
import type { Computer } from '../../runs/computer';
import { putCheckpoint } from '../../runs/checkpoints';
import { checkpointFolder, checkpointSteps } from '../../runs/checkpoint-list';
import { database } from '../../storage/db';
import { Checkpoints, storedCheckpoints } from '../session/checkpoints';
import type { SessionState } from '../session/state';
import { recipeOf, runOf } from '../testing/fakes';
import { placeOf, wentOn } from './going-on';

const adapter = {
  vendor: 'google',
  architecture: 'swiftshader',
  device: '',
  description: '',
  features: [],
  limits: {},
};
const gpu: Computer = { backend: 'webgpu', name: 'google swiftshader', adapter };
const cpu: Computer = { backend: 'tfjs-wasm', name: 'CPU (WebAssembly)', adapter: null };

const stateAt = (step: number): SessionState => ({
  step,
  lastEvaluated: 0,
  seconds: step,
  selection: { best: null, reached: 0.5, without: 3 },
  health: { unusable: 0, lastLoss: 1 },
});
const weights = new Map([['w', Float32Array.of(1, 2)]]);

/** A run of which there are checkpoints of two steps, computed on `gpu`, and another visit's view of them. */
async function leftRun(id: string) {
  const before = new Checkpoints(storedCheckpoints(id), () => 0);
  before.computer = gpu;
  for (const step of [4, 9]) {
    await before.keep(() => Promise.resolve({ state: stateAt(step), weights, trainer: new Map() }));
  }
  const damage = async (step: number): Promise<void> => {
    await (await database()).put('checkpointPieces', new ArrayBuffer(8), `${checkpointFolder(id, step)}#00000`);
  };
  return { run: runOf(recipeOf(), { id }), checkpoints: new Checkpoints(storedCheckpoints(id), () => 0), damage };
}

test('a run goes on from its newest checkpoint, without a word on the same device', async () => {
  const { run, checkpoints } = await leftRun('whole');
  const place = await placeOf(run, checkpoints, true);
  expect(place.snapshot?.state).toEqual({ ...stateAt(9), computer: gpu });
  expect(wentOn(place, { ...gpu })).toMatchObject([{ kind: 'went-on', step: 9 }]);
});

test('where the newest checkpoint is damaged, it goes on from the one before, and says so', async () => {
  const { run, checkpoints, damage } = await leftRun('half');
  await damage(9);
  const place = await placeOf(run, checkpoints, true);
  expect(place.snapshot?.state.step).toBe(4);
  expect(wentOn(place, gpu)).toMatchObject([
    { kind: 'went-on', step: 4 },
    { kind: 'checkpoint-damaged', step: 4, newest: 9 },
  ]);
  expect(await checkpointSteps('half')).toEqual([4]);
});

test('where all are damaged, or there is none, it is told which', async () => {
  const { run, checkpoints, damage } = await leftRun('none');
  for (const step of [4, 9]) await damage(step);
  await expect(placeOf(run, checkpoints, true)).rejects.toThrow(/checkpoints of “amber-otter” are damaged/);
  await expect(placeOf(run, checkpoints, true)).rejects.toThrow(/has no checkpoint/);
  expect(await placeOf(run, checkpoints, false)).toEqual({ snapshot: null, damaged: [], patience: false });
});

test('checkpoints that cannot be read are not taken for missing ones', async () => {
  const { run } = await leftRun('closed');
  const read = vi.fn().mockRejectedValue(new DOMException('The connection was lost.', 'InvalidStateError'));
  const storage = { ...storedCheckpoints('closed'), read };
  const checkpoints = new Checkpoints(
    storage,
    () => 0,
    () => Promise.resolve(),
  );
  await expect(placeOf(run, checkpoints, true)).rejects.toThrow(/could not be read \(The connection was lost\.\)/);
  expect(read).toHaveBeenCalledTimes(3);
  expect(await checkpointSteps('closed')).toEqual([9, 4]);
});

test('a run that goes on with another device says so, and nothing where the version before did not note it', async () => {
  const { run, checkpoints } = await leftRun('moved');
  const place = await placeOf(run, checkpoints, true);
  expect(wentOn(place, cpu)).toMatchObject([
    { kind: 'went-on', step: 9 },
    { kind: 'other-device', step: 9, from: 'google swiftshader', to: 'CPU (WebAssembly)' },
  ]);
  await putCheckpoint('moved', { step: 12, state: stateAt(12), weights, trainer: new Map() });
  const old = await placeOf(run, checkpoints, true);
  expect(old.snapshot?.state.step).toBe(12);
  expect(wentOn(old, cpu)).toMatchObject([{ kind: 'went-on', step: 12 }]);
});

test('a run whose patience had an end is given new patience', async () => {
  const { run, checkpoints } = await leftRun('patient');
  const place = await placeOf({ ...run, state: 'early-stopping' }, checkpoints, true);
  expect(place.snapshot?.state.selection).toEqual({ best: null, reached: 0.5, without: 0 });
  expect(wentOn(place, gpu)).toMatchObject([{ kind: 'went-on', patience: true }]);
  // So is one whose patience had its end at the last of its steps.
  const finished = (patience: number) =>
    ({ ...run, state: 'finished', recipe: { ...run.recipe, earlyStopping: true, patience } }) as const;
  expect(await placeOf(finished(3), checkpoints, true)).toMatchObject({ patience: true });
  expect(await placeOf(finished(4), checkpoints, true)).toMatchObject({ patience: false });
});

test('a run that begins is nowhere yet', async () => {
  const checkpoints = new Checkpoints(storedCheckpoints('new'), () => 0);
  expect(await placeOf(null, checkpoints, false)).toEqual({ snapshot: null, damaged: [], patience: false });
});
