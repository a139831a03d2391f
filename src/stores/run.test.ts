import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { applyPreset } from '../recipe/presets';
import { StudioError, WorkerCrash } from '../protocol/errors';
import type { StepMetrics, TrainingEvent } from '../protocol/training';
import { metricsOf, runOf } from '../training/testing/fakes';
import { useChosenWeights } from './chosenWeights';
import { useRunStore } from './run';

const worker = vi.hoisted(() => ({
  request: vi.fn<(type: string, params: unknown) => Promise<unknown>>(),
  say: (event: unknown): void => void event,
  crash: (): void => undefined,
}));
vi.mock('./client', () => ({
  client: {
    request: worker.request,
    onEvent: (listener: (event: unknown) => void) => {
      worker.say = listener;
    },
    crashed: (listener: () => void) => {
      worker.crash = listener;
    },
  },
}));
const stored = vi.hoisted(() => ({
  listRuns: vi.fn(),
  readRun: vi.fn(),
  readMetrics: vi.fn(),
  deleteRun: vi.fn(),
  interruptRun: vi.fn(),
}));
vi.mock('../runs/store', () => stored);
const kept = vi.hoisted(() => ({ checkpointSteps: vi.fn(), newestCheckpoints: vi.fn() }));
vi.mock('../runs/checkpoint-list', async (original) => ({
  ...(await original<object>()),
  ...kept,
}));
const locks = vi.hoisted(() => ({ runOver: vi.fn<(runId: string) => Promise<void>>() }));
vi.mock('../runs/lock', () => locks);

const recipe = applyPreset('quick');
const step = (number: number): StepMetrics => ({
  step: number,
  epoch: 0,
  loss: 1 / number,
  gradNorm: 1,
  learningRate: 1e-4,
  extra: { logitScale: 14 },
  imagesPerSecond: 10,
  seconds: number,
});
const say = (event: TrainingEvent): void => worker.say(event);
const page = { addEventListener: vi.fn(), removeEventListener: vi.fn() };
const tab = {
  addEventListener: vi.fn<(type: string, listener: () => void) => void>(),
  removeEventListener: vi.fn(),
  visibilityState: 'visible',
};
const state = useRunStore.getState;
/** What the storage says there is. */
const listed = (...items: object[]) => ({ items, damaged: [] });

/** Starts a run whose worker answers only when told. */
function start(): { readonly runId: string; readonly fail: (error: Error) => void } {
  let fail: (error: Error) => void = () => undefined;
  worker.request.mockImplementationOnce(() => new Promise((_, reject) => (fail = reject)));
  return { runId: state().start(recipe, 'd1'), fail };
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('window', page);
  vi.stubGlobal('document', tab);
  vi.stubGlobal('navigator', {});
  vi.clearAllMocks();
  stored.listRuns.mockResolvedValue(listed());
  locks.runOver.mockReturnValue(new Promise(() => undefined));
  kept.newestCheckpoints.mockResolvedValue(new Map());
  useRunStore.setState({ live: null, active: null, asked: null, stopWithoutGain: null, runs: null, problem: null });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('useRunStore', () => {
  it('reads the list again when a run of another tab has ended, and waits for it once', async () => {
    let end: () => void = () => undefined;
    locks.runOver.mockReturnValueOnce(new Promise((resolve) => (end = resolve)));
    stored.listRuns.mockResolvedValue(listed({ id: 'theirs', state: 'running' }));
    await state().refresh();
    await state().refresh();
    expect(locks.runOver.mock.calls).toEqual([['theirs']]);
    const over = [{ id: 'theirs', state: 'finished' }];
    stored.listRuns.mockResolvedValue(listed(...over));
    end();
    await vi.waitFor(() => expect(state().runs).toEqual(over));
    expect(locks.runOver).toHaveBeenCalledOnce();
  });

  it('asks the worker for a run of its own name and guards the page', () => {
    useChosenWeights.getState().choose('base');
    const { runId } = start();
    expect(worker.request).toHaveBeenCalledWith('train', { runId, name: state().live?.name, recipe, datasetId: 'd1' });
    expect(state().active).toMatchObject({ runId, step: 0, phase: 'preparing', loss: null });
    expect(page.addEventListener).toHaveBeenCalledWith('beforeunload', expect.any(Function));
    expect(useChosenWeights.getState().choice).toBeNull();
  });

  it('takes in many messages with few changes of the state, and loses none', () => {
    const { runId } = start();
    say({ type: 'phase', runId, phase: 'training', detail: '', fraction: 0 });
    const changes = vi.fn();
    const stop = useRunStore.subscribe(changes);
    for (let number = 1; number <= 100; number++) {
      say({ type: 'phase', runId, phase: 'training', detail: '', fraction: number / 1000 });
      say({ type: 'steps', runId, steps: [step(number)], secondsLeft: 9 });
      vi.advanceTimersByTime(10);
    }
    vi.advanceTimersByTime(250);
    stop();
    expect(state().live?.metrics.length).toBe(100);
    expect(state().active).toMatchObject({ step: 100, loss: 0.01, secondsLeft: 9 });
    expect(changes.mock.calls.length).toBeLessThanOrEqual(5);
  });

  it('leaves the page time between showings, the more the longer one takes to draw', () => {
    const { runId } = start();
    const drawing = 400;
    const showings: number[] = [];
    const clock = performance.now.bind(performance);
    const now = vi.spyOn(performance, 'now').mockImplementation(() => clock() + drawing * showings.length);
    const stop = useRunStore.subscribe(() => showings.push(performance.now()));
    for (let number = 0; number < 40; number++) {
      say({ type: 'phase', runId, phase: number % 2 === 0 ? 'evaluating' : 'training', detail: '', fraction: null });
      // Messages come between showings, and not in the moment of one.
      vi.advanceTimersByTime(110);
    }
    stop();
    now.mockRestore();
    const gaps = showings.slice(1).map((at, index) => at - (showings[index] ?? 0));
    expect(gaps.length).toBeGreaterThan(0);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(3 * drawing);
  });

  it('shows the first evaluation after a while at once, and the end always, and reads the list of runs again', () => {
    const { runId } = start();
    say({ type: 'steps', runId, steps: [step(1)], secondsLeft: 9 });
    say({ type: 'ended', runId, reason: 'finished', message: 'Finished.', bestStep: null });
    expect(state().live).toMatchObject({ end: { reason: 'finished' } });
    expect(state().live?.metrics.length).toBe(1);
    expect(state().active).toBeNull();
    expect(stored.listRuns).toHaveBeenCalledOnce();
    expect(page.removeEventListener).toHaveBeenCalledWith('beforeunload', expect.any(Function));
  });

  it('ends a run whose worker died, and writes the reason down before the list is read again', async () => {
    stored.interruptRun.mockResolvedValue(undefined);
    const { runId, fail } = start();
    fail(new WorkerCrash('The background worker stopped'));
    await vi.advanceTimersByTimeAsync(0);
    expect(state().live?.end).toMatchObject({ reason: 'interrupted', bestStep: null });
    expect(state().live?.end?.message).toMatch(/^The background worker stopped\. What was stored before is safe/);
    expect(state().active).toBeNull();
    expect(stored.interruptRun).toHaveBeenCalledExactlyOnceWith(runId, 'The background worker stopped');
    const [written] = stored.interruptRun.mock.invocationCallOrder;
    expect(written).toBeLessThan(stored.listRuns.mock.invocationCallOrder[0] ?? 0);
  });

  it('writes no reason for a run that the worker refused', async () => {
    const { fail } = start();
    fail(new Error('Another tab is training.'));
    await vi.advanceTimersByTimeAsync(0);
    expect(state().live?.end).toMatchObject({ reason: 'failed', message: 'Another tab is training.' });
    expect(stored.interruptRun).not.toHaveBeenCalled();
  });

  it('knows that weights in memory alone are gone with the worker', async () => {
    useRunStore.setState({ unstored: new Map([['x', {} as never]]) });
    worker.crash();
    expect(state().unstored.size).toBe(0);
    await vi.advanceTimersByTimeAsync(0);
    expect(stored.listRuns).toHaveBeenCalledOnce();
  });

  it('knows what was asked until it is answered, and says what went wrong', async () => {
    start();
    let answer: () => void = () => undefined;
    worker.request.mockImplementationOnce(() => new Promise((resolve) => (answer = () => resolve(null))));
    const pausing = state().pause();
    expect(state().asked).toBe('pause');
    answer();
    await pausing;
    expect(state().asked).toBeNull();
    worker.request.mockRejectedValueOnce(new Error('There is no run in progress.'));
    await state().stop();
    expect(state()).toMatchObject({ asked: null, problem: 'There is no run in progress.' });
  });

  it('stops after a stretch without gain, which a better evaluation begins again', () => {
    const { runId } = start();
    const evaluation = { step: 40, seconds: 4, metrics: metricsOf(0.4), change: null };
    const goTo = (number: number): void => {
      say({ type: 'steps', runId, steps: [step(number)], secondsLeft: 9 });
      vi.advanceTimersByTime(250);
    };
    const stops = (): number => worker.request.mock.calls.filter(([type]) => type === 'stop').length;
    worker.request.mockResolvedValue(null);
    goTo(30);
    state().stopAfter(20);
    goTo(49);
    say({ type: 'evaluation', runId, evaluation, predictions: [], best: true });
    goTo(59);
    expect(stops()).toBe(0);
    goTo(60);
    expect(stops()).toBe(1);
  });

  it('keeps a checkpoint when the page is hidden', () => {
    start();
    worker.request.mockResolvedValue(null);
    tab.visibilityState = 'hidden';
    for (const [type, listener] of tab.addEventListener.mock.calls) if (type === 'visibilitychange') listener();
    tab.visibilityState = 'visible';
    expect(worker.request).toHaveBeenLastCalledWith('checkpointNow', {});
  });

  describe('a run with a checkpoint', () => {
    const rows = [1, 2, 3, 4, 5, 6].map(step);
    const old = runOf(recipe, { id: 'old', name: 'amber-otter', state: 'interrupted', totalSteps: 10, bestStep: 6 });
    const evaluation = (number: number) => ({ step: number, seconds: number, metrics: metricsOf(0.4), change: null });
    beforeEach(() => {
      stored.readRun.mockResolvedValue({ ...old, evaluations: [2, 4, 6].map(evaluation), notes: [] });
      stored.readMetrics.mockResolvedValue({ rows, damaged: false });
      kept.checkpointSteps.mockResolvedValue([3, 1]);
    });

    it('goes on where it was left, with the curve up to there and the evaluation of what is kept', async () => {
      worker.request.mockImplementationOnce(() => new Promise(() => undefined));
      await state().goOn('old');
      expect(worker.request).toHaveBeenCalledWith('goOn', { runId: 'old' });
      const { live } = state();
      expect(live).toMatchObject({ runId: 'old', name: 'amber-otter', totalSteps: 10, checkpoint: 3, end: null });
      expect([...(live?.metrics.column('step') ?? [])]).toEqual([1, 2, 3]);
      expect(live?.evaluations.map((own) => own.step)).toEqual([2, 6]);
      say({ type: 'resumed', runId: 'old', step: 1 });
      say({ type: 'steps', runId: 'old', steps: [step(2)], secondsLeft: null });
      vi.advanceTimersByTime(1000);
      expect([...(state().live?.metrics.column('step') ?? [])]).toEqual([1, 2]);
      say({ type: 'ended', runId: 'old', reason: 'finished', message: '', bestStep: 6 });
    });

    it('says so where there is none', async () => {
      kept.checkpointSteps.mockResolvedValue([]);
      await state().goOn('old');
      expect(state().problem).toContain('no checkpoint');
      expect(worker.request).not.toHaveBeenCalled();
    });

    it('goes on by itself when its worker or device is lost, after longer and longer waits', async () => {
      const { runId, fail } = start();
      stored.interruptRun.mockResolvedValue(undefined);
      say({ type: 'plan', runId, totalSteps: 9, stepsPerEpoch: 3, batchSize: 4, evaluateEvery: 3, notes: [] });
      say({ type: 'checkpoint', runId, step: 3, seconds: 0.1, problem: null });
      fail(new WorkerCrash('The background worker stopped unexpectedly'));
      await vi.advanceTimersByTimeAsync(999);
      expect(state().restart).toEqual({ runId, step: 3, seconds: 1 });
      stored.readRun.mockResolvedValue({ ...old, id: runId, notes: [] });
      worker.request.mockImplementation(() => new Promise(() => undefined));
      await vi.advanceTimersByTimeAsync(1);
      expect(worker.request).toHaveBeenLastCalledWith('goOn', { runId, anyway: true });
      for (const seconds of [5, 20]) {
        say({ type: 'ended', runId, reason: 'failed', message: 'Gone.', bestStep: null, lost: true });
        expect(state().restart).toEqual({ runId, step: 3, seconds });
        await vi.advanceTimersByTimeAsync(1000 * seconds);
      }
      const asked = worker.request.mock.calls.length;
      say({ type: 'ended', runId, reason: 'failed', message: 'Gone.', bestStep: null, lost: true });
      await vi.advanceTimersByTimeAsync(60_000);
      expect(state()).toMatchObject({ restart: null, givenUp: { runId, times: 4 } });
      expect(worker.request).toHaveBeenCalledTimes(asked);
      // Whoever asks for it once more gives it new tries.
      await state().goOn(runId);
      expect(state().givenUp).toBeNull();
      say({ type: 'ended', runId, reason: 'interrupted', message: 'Gone.', bestStep: null, lost: true });
      expect(state().restart).toEqual({ runId, step: 3, seconds: 1 });
    });

    it('goes on by itself where its device was lost again while it was prepared', async () => {
      const { runId, fail } = start();
      stored.interruptRun.mockResolvedValue(undefined);
      say({ type: 'plan', runId, totalSteps: 9, stepsPerEpoch: 3, batchSize: 4, evaluateEvery: 3, notes: [] });
      say({ type: 'checkpoint', runId, step: 3, seconds: 0.1, problem: null });
      fail(new StudioError('device-lost', 'The graphics device was lost.'));
      await vi.advanceTimersByTimeAsync(0);
      expect(stored.interruptRun).toHaveBeenCalledWith(runId, 'The graphics device was lost');
      expect(state().live?.end).toMatchObject({ reason: 'interrupted', message: 'The graphics device was lost.' });
      expect(state().restart).toEqual({ runId, step: 3, seconds: 1 });
    });

    it('begins once more where it was lost before its first checkpoint', async () => {
      kept.checkpointSteps.mockResolvedValue([]);
      const { runId } = start();
      say({ type: 'plan', runId, totalSteps: 9, stepsPerEpoch: 3, batchSize: 4, evaluateEvery: 3, notes: [] });
      say({ type: 'ended', runId, reason: 'interrupted', message: 'Gone.', bestStep: null, lost: true });
      expect(state().restart).toEqual({ runId, step: 0, seconds: 1 });
      stored.readRun.mockResolvedValue({ ...old, id: runId, notes: [] });
      worker.request.mockImplementation(() => new Promise(() => undefined));
      await vi.advanceTimersByTimeAsync(1000);
      expect(worker.request).toHaveBeenLastCalledWith('goOn', { runId, anyway: true });
      expect(state().live).toMatchObject({ checkpoint: null, detail: 'Beginning once more', end: null });
    });

    it('stays where it is when the user says so, or where it was lost before it was stored', async () => {
      const { runId } = start();
      say({ type: 'ended', runId, reason: 'interrupted', message: 'Gone.', bestStep: null, lost: true });
      expect(state().restart).toBeNull();
      const other = start();
      const plan = { totalSteps: 9, stepsPerEpoch: 3, batchSize: 4, evaluateEvery: 3, notes: [] };
      say({ type: 'plan', runId: other.runId, ...plan });
      say({ type: 'checkpoint', runId: other.runId, step: 3, seconds: 0.1, problem: null });
      say({ type: 'ended', runId: other.runId, reason: 'failed', message: 'Gone.', bestStep: null, lost: true });
      expect(state().restart).not.toBeNull();
      state().cancelRestart();
      await vi.advanceTimersByTimeAsync(60_000);
      expect(worker.request).toHaveBeenCalledTimes(2);
    });
  });

  it('puts away a run that has ended, never one in progress', () => {
    const { runId } = start();
    state().clear();
    expect(state().live).not.toBeNull();
    say({ type: 'ended', runId, reason: 'stopped', message: '', bestStep: null });
    state().clear();
    expect(state().live).toBeNull();
  });

  it('lists a run with the weights that the worker holds for it, where the disk had no room', async () => {
    const unstored = { bestStep: 8, weightsStep: 8, tensors: ['w'] };
    worker.request.mockResolvedValueOnce({ runId: 'x', unstored });
    stored.listRuns.mockResolvedValue(listed({ id: 'x', state: 'finished', bestStep: 4, weightsStep: 4, tensors: [] }));
    const runId = state().start(recipe, 'd1');
    await vi.waitFor(() => expect([...state().unstored.keys()]).toEqual(['x']));
    await vi.waitFor(() => expect(state().runs).toMatchObject([{ id: 'x', ...unstored }]));
    say({ type: 'ended', runId, reason: 'finished', message: '', bestStep: null });
  });

  it('lists records that cannot be read, to be deleted', async () => {
    const damaged = [{ id: 'torn', name: 'dim-wren', reason: 'It is no record at all.' }];
    stored.listRuns.mockResolvedValue({ items: [], damaged });
    await state().refresh();
    expect(state().damaged).toEqual(damaged);
    await state().remove('torn');
    expect(stored.deleteRun).toHaveBeenCalledWith('torn');
  });

  it('keeps the newer of two lists, though the older one is read for longer', async () => {
    let slow: (list: unknown) => void = () => undefined;
    stored.listRuns.mockReturnValueOnce(new Promise((resolve) => (slow = resolve)));
    const before = state().refresh();
    stored.listRuns.mockResolvedValueOnce(listed(runOf(recipe, { state: 'interrupted' })));
    await state().refresh();
    slow(listed(runOf(recipe, { state: 'running' })));
    await before;
    expect(state().runs?.map((run) => run.state)).toEqual(['interrupted']);
  });

  it('keeps the list when storage fails, and says so', async () => {
    stored.deleteRun.mockRejectedValueOnce(new Error('The disk is full.'));
    await state().remove('r1');
    expect(state()).toMatchObject({ problem: 'The disk is full.', runs: [] });
  });
});
