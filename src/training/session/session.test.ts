import { describe, expect, test, vi } from 'vitest';
import { EngineError } from '../../engine/executor';
import { fakeSession, onceMeasured } from '../testing/fake-session';
import { eventsOf, FakeExecutor } from '../testing/fakes';

test('takes every step once, charts and stores each, and ends as finished', async () => {
  const { session, executor, task, storage, events, recorder } = fakeSession({});
  expect(await session.run()).toBe('finished');
  const all = Array.from({ length: 12 }, (_, i) => i + 1);
  expect(executor.scalars.map(({ step }) => step)).toEqual(all);
  expect(eventsOf(events, 'steps').flatMap(({ steps }) => steps.map(({ step }) => step))).toEqual(all);
  expect(storage.steps).toEqual(all);
  expect(task.asked.map(({ epoch }) => epoch)).toEqual([0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2]);
  expect(task.asked.map(({ batch }) => batch[0])).toEqual(all.map((step) => step - 1));
  expect(recorder.record).toMatchObject({ state: 'finished', stepsDone: 12 });
  expect(eventsOf(events, 'ended')).toHaveLength(1);
  expect(executor.disposedTrainers).toBe(1);
});

describe('a stop', () => {
  test('stop keeps what there is', async () => {
    const { session, storage, recorder, executor } = fakeSession({
      plan: { totalSteps: 1000 },
      onEvent: (event, running) => {
        if (event.type === 'evaluation' && event.evaluation.step === 8) running.commands.stop('as-planned');
      },
    });
    expect(await session.run()).toBe('stopped');
    expect(executor.scalars).toHaveLength(8);
    expect(recorder.record.state).toBe('stopped');
    expect(storage.saved).not.toEqual([]);
  });

  test('stop before the first step leaves nothing to offer', async () => {
    const { session, recorder, events } = fakeSession({
      onEvent: (event, running) => {
        if (event.type === 'baseline') running.commands.stop('as-planned');
      },
    });
    expect(await session.run()).toBe('stopped');
    expect(recorder.record).toMatchObject({ bestStep: null, weightsStep: null });
    expect(eventsOf(events, 'ended')[0]?.bestStep).toBeNull();
  });

  test('a stop that keeps nothing measures and stores nothing more', async () => {
    const { session, storage, task } = fakeSession({
      plan: { totalSteps: 1000, evaluateEvery: 7 },
      onEvent: onceMeasured(7, ({ commands }) => commands.stop('nothing')),
    });
    expect(await session.run()).toBe('stopped');
    expect(task.evaluations).toBe(2);
    expect(storage.saved).toHaveLength(1);
  });
});

describe('trouble', () => {
  test('a lost device ends the run as interrupted and keeps the best weights', async () => {
    const executor = new FakeExecutor((step) => {
      if (step === 7) throw new EngineError('device-lost', 'The graphics driver restarted.');
      return 1 / step;
    });
    const { session, storage, recorder, events } = fakeSession({ executor });
    expect(await session.run()).toBe('interrupted');
    expect(recorder.record.state).toBe('interrupted');
    expect(storage.saved.at(-1)).toEqual({ step: 4, w: 4 });
    expect(eventsOf(events, 'ended')[0]?.message).toBe(
      'The graphics driver restarted. The weights of step 4 are kept.',
    );
  });

  test('a device without room ends the run with the advice that it was given', async () => {
    const failure = new EngineError('out-of-memory', 'No memory left.');
    const executor = new FakeExecutor(() => {
      throw failure;
    });
    const { session, recorder } = fakeSession({
      executor,
      explain: (error) => new EngineError('out-of-memory', `${String(error === failure)}: use micro-batches of 2.`),
    });
    expect(await session.run()).toBe('failed');
    expect(recorder.record.message).toBe('true: use micro-batches of 2.');
    expect(session.failure).toBe(failure);
  });

  test('a device that is lost without a word ends the run too', async () => {
    const executor = new FakeExecutor();
    const { session, recorder } = fakeSession({
      executor,
      plan: { totalSteps: 100_000, evaluateEvery: 50_000 },
      onEvent: (event) => {
        if (event.type === 'steps') executor.loseDevice(new EngineError('device-lost', 'Gone.'));
      },
    });
    expect(await session.run()).toBe('interrupted');
    expect(recorder.record.message).toBe('Gone.');
  });

  test('a device that fails before it says that it is lost ends the run as interrupted too', async () => {
    const executor = new FakeExecutor((step) => {
      if (step < 3) return 1 / step;
      setTimeout(() => executor.loseDevice(new EngineError('device-lost', 'Gone.')), 20);
      throw new EngineError('out-of-memory', 'No memory left.');
    });
    const { session, recorder } = fakeSession({
      executor,
      recovers: (error) => error instanceof EngineError && error.code === 'out-of-memory',
    });
    expect(await session.run()).toBe('interrupted');
    expect(recorder.record.message).toContain('Gone.');
  });

  test('a failure that another session gets over does not end the run', async () => {
    const failure = new EngineError('out-of-memory', 'No memory left.');
    const executor = new FakeExecutor((step) => {
      if (step === 6) throw failure;
      return 1;
    });
    const { session, recorder, events } = fakeSession({ executor, recovers: (error) => error === failure });
    expect(await session.run()).toBe('again');
    expect(recorder.record).toMatchObject({ state: 'running', endedAt: null });
    expect(eventsOf(events, 'ended')).toEqual([]);
    expect(session.failure).toBe(failure);
    expect(executor.disposedTrainers).toBe(1);
  });

  test('aborted transactions end nothing: what storage refuses is in memory, told, and stored later', async () => {
    const made = fakeSession({ plan: { totalSteps: 40 } });
    const { storage, recorder } = made;
    let refusals = 6;
    const put = storage.putRun.bind(storage);
    vi.spyOn(storage, 'putRun').mockImplementation((run) =>
      refusals-- > 0 ? Promise.reject(new DOMException('The transaction was aborted.', 'AbortError')) : put(run),
    );
    expect(await made.session.run()).toBe('finished');
    const problems = eventsOf(made.events, 'storage').map(({ problem }) => problem);
    expect(problems.at(0)).toContain('The transaction was aborted.');
    expect(problems.at(-1)).toBeNull();
    expect(storage.steps).toHaveLength(40);
    expect(storage.records.at(-1)).toMatchObject({ state: 'finished', stepsDone: 40 });
    expect(recorder.unstored).toBeNull();
  });

  test('a full disk stops the saving, not the run, and is told', async () => {
    const { session, storage, recorder } = fakeSession({});
    storage.quota = true;
    expect(await session.run()).toBe('finished');
    // What is stored are the base model's, and the stored record says no more.
    expect(recorder.record).toMatchObject({ bestStep: 0, weightsStep: 0, tensors: [] });
    const held = [];
    for await (const tensor of recorder.unstored?.delta.read() ?? []) held.push(tensor);
    expect(held).toEqual([['w', Float32Array.of(4)]]);
    expect(recorder.record.message).toContain('no more room');
    expect(recorder.record.message).toContain('could not be stored and last only as long as the tab that trained them');
  });
});
