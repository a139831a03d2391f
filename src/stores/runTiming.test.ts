import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { RequestOptions } from '../training/client/client';
import { recipeSchema } from '../recipe/schema';

const request = vi.hoisted(() => vi.fn());
vi.mock('./client', () => ({ client: { request } }));
const { useRunTiming } = await import('./runTiming');

const timing = {
  start: 1,
  firstEvaluation: 2,
  evaluation: 1,
  step: 0.5,
  firstSight: 0,
  weights: 0,
  checkpoint: 0,
  timedSteps: 3,
};
const params = { recipe: recipeSchema.parse({}), datasetId: 'd' };
const ask = (key: string) => useRunTiming.getState().ask(key, params);
const signalOf = (call: number) => (request.mock.calls[call]?.[2] as RequestOptions).signal;

beforeEach(() => {
  vi.useFakeTimers();
  request.mockReset().mockResolvedValue(timing);
  useRunTiming.setState({ asked: null, answered: null, timing: null, problem: null });
});
afterEach(() => vi.useRealTimers());

test('asks once a recipe has settled, and only for the newest', async () => {
  ask('a')();
  ask('b');
  expect(request).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(2000);
  expect(request).toHaveBeenCalledTimes(1);
  expect(useRunTiming.getState()).toMatchObject({ asked: null, answered: 'b', timing });
  ask('b');
  await vi.advanceTimersByTimeAsync(2000);
  expect(request).toHaveBeenCalledTimes(1);
});

test('a question that is taken back ends the timing, and its answer counts for nothing', async () => {
  let answer: (value: typeof timing) => void = () => undefined;
  request.mockReturnValueOnce(new Promise((resolve) => (answer = resolve)));
  const takeBack = ask('a');
  await vi.advanceTimersByTimeAsync(2000);
  expect(useRunTiming.getState().asked).toBe('a');
  takeBack();
  expect(signalOf(0)?.aborted).toBe(true);
  answer(timing);
  await vi.advanceTimersByTimeAsync(0);
  expect(useRunTiming.getState()).toMatchObject({ asked: null, answered: null, timing: null });
});

test('says why there is no answer', async () => {
  request.mockRejectedValueOnce(new Error('No room.'));
  ask('a');
  await vi.advanceTimersByTimeAsync(2000);
  expect(useRunTiming.getState()).toMatchObject({ asked: null, problem: 'No room.' });
});
