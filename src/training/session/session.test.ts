import { describe, expect, test, vi } from 'vitest';
import { EngineError } from '../../engine/executor';
import type { RecipeChange } from '../../recipe/fields';
import { DeviceLock } from '../device-lock';
import type { RunPlan } from '../data/plan';
import type { TrainingEvent } from '../../protocol/protocol';
import type { Checkpoint } from '../../runs/checkpoints';
import { Checkpoints, type CheckpointStorage } from './checkpoints';
import { Recorder } from './recorder';
import { Idle } from './idle';
import { Reporter } from './reporter';
import { TrainingSession } from './session';
import { eventsOf, FakeExecutor, FakeTask, MemoryStorage, recipeOf, runOf } from '../testing/fakes';

function setup(changes: {
  plan?: Partial<RunPlan>;
  recipe?: RecipeChange;
  executor?: FakeExecutor;
  recalls?: (index: number) => number;
  onEvent?: (event: TrainingEvent, session: TrainingSession) => void;
  now?: () => number;
  explain?: (error: unknown) => unknown;
  recovers?: (error: unknown) => boolean;
  checkpoints?: CheckpointStorage;
  /** The run may go back to where it began. */
  mayGoBack?: boolean;
}) {
  const recipe = recipeOf(changes.recipe);
  const plan: RunPlan = {
    totalSteps: 12,
    stepsPerEpoch: 4,
    batchSize: 2,
    samples: 8,
    evaluateEvery: 4,
    microBatches: 1,
    notes: [],
    ...changes.plan,
  };
  const executor = changes.executor ?? new FakeExecutor();
  const task = new FakeTask(plan.stepsPerEpoch, changes.recalls);
  const storage = new MemoryStorage();
  const events: TrainingEvent[] = [];
  const now = changes.now ?? ((): number => performance.now());
  const recorder = new Recorder(
    runOf(recipe),
    now,
    storage,
    (problem) => reporter.event({ type: 'storage', runId: 'run', problem }),
    () => Promise.resolve(),
  );
  const reporter = new Reporter(
    'run',
    (event) => {
      events.push(event);
      changes.onEvent?.(event, session);
    },
    now,
  );
  const device = { executor, store: executor.store, lock: new DeviceLock() };
  const session = new TrainingSession({
    recipe,
    plan,
    task,
    device,
    groups: [],
    recorder,
    reporter,
    now,
    ...(changes.explain === undefined ? {} : { explain: changes.explain }),
    ...(changes.recovers === undefined ? {} : { recovers: changes.recovers }),
    ...(changes.mayGoBack === true ? { beginning: () => [['w', Float32Array.of(0)] as const] } : {}),
    checkpoints: changes.checkpoints === undefined ? null : new Checkpoints(changes.checkpoints, everySecondStep(now)),
  });
  return { session, executor, task, storage, events, recorder };
}

/** A clock by which a checkpoint is due after every other step or so. */
function everySecondStep(now: () => number): () => number {
  let jumps = 0;
  return () => now() + 5_000 * jumps++;
}

class MemoryCheckpoints implements CheckpointStorage {
  readonly kept: Checkpoint[] = [];
  put(checkpoint: Checkpoint) {
    this.kept.push(structuredClone(checkpoint));
    return Promise.resolve(true);
  }
  read() {
    return Promise.resolve({ checkpoint: this.kept.at(-1) ?? null, damaged: [] });
  }
  dropAfter(step: number) {
    this.kept.splice(0, this.kept.length, ...this.kept.filter((own) => own.step <= step));
    return Promise.resolve();
  }
}

describe('a whole run', () => {
  test('takes every step once, charts and stores each, and ends as finished', async () => {
    const { session, executor, task, storage, events, recorder } = setup({});
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

  test('says what is done while there are no steps to show, and why those of the first epoch are slow', async () => {
    const clock = { now: 0 };
    const { session, events } = setup({ plan: { totalSteps: 8 }, now: () => (clock.now += 1000) });
    await session.run();
    const said = (phase: string) =>
      eventsOf(events, 'phase').flatMap((event) => (event.phase === phase ? [event.detail] : []));
    expect(said('evaluating').slice(0, 2)).toEqual([
      'Measuring the base model',
      'Measuring the base model: 5 of 10 captions',
    ]);
    expect(said('training')[0]).toMatch(/^Computing features of the frozen layers: \d of 4 pictures$/);
    expect(said('training').at(-1)).toBe('');
    expect(eventsOf(events, 'phase').every(({ phase, detail }) => phase === 'training' || detail !== '')).toBe(true);
  });

  test('measures the base model first, then at the interval, each step once', async () => {
    const { session, events, recorder } = setup({ plan: { totalSteps: 10 } });
    await session.run();
    expect(eventsOf(events, 'baseline')).toHaveLength(1);
    expect(eventsOf(events, 'evaluation').map(({ evaluation }) => evaluation.step)).toEqual([4, 8, 10]);
    expect(recorder.record.evaluations.map(({ step }) => step)).toEqual([4, 8, 10]);
    expect(recorder.record.baseline).not.toBeNull();
  });

  test('keeps the weights of the best evaluation', async () => {
    const recalls = [0.1, 0.4, 0.9, 0.6];
    const { session, storage, recorder } = setup({ recalls: (index) => recalls[index] ?? 0 });
    await session.run();
    expect(recorder.record.bestStep).toBe(8);
    expect(storage.saved.at(-1)).toEqual({ step: 8, w: 8 });
    expect(recorder.record).toMatchObject({ weightsStep: 8, tensors: ['w'] });
    expect(recorder.record.message).toContain('step 8');
  });

  test('keeps the last weights where the recipe says so', async () => {
    const { session, storage } = setup({ recipe: { restoreBest: false }, recalls: (index) => 1 / (index + 1) });
    await session.run();
    expect(storage.saved.at(-1)).toEqual({ step: 12, w: 12 });
  });

  test('without validation pictures nothing is evaluated and the last weights are kept', async () => {
    const { session, storage, events } = setup({ plan: { evaluateEvery: 0 } });
    expect(await session.run()).toBe('finished');
    expect(eventsOf(events, 'evaluation')).toEqual([]);
    expect(storage.saved.at(-1)).toEqual({ step: 12, w: 12 });
  });

  test('where no step is better than the base model, the base model is what the run offers, and it says so', async () => {
    const { session, recorder, storage, events } = setup({ recalls: (index) => (index === 0 ? 0.9 : 0.3) });
    await session.run();
    expect(recorder.record).toMatchObject({ bestStep: 0, weightsStep: 0, tensors: [] });
    expect(recorder.record.message).toContain('No step was better than the base model by');
    expect(storage.saved).toEqual([]);
    expect(eventsOf(events, 'ended')[0]?.bestStep).toBe(0);
    expect(eventsOf(events, 'evaluation').map(({ best }) => best)).toEqual([false, false, false]);
  });

  test('at no time does the stored record speak of other weights than those that are stored', async () => {
    const recalls = [0.2, 0.1, 0.4, 0.3, 0.9, 0.6, 0.95];
    const { session, storage } = setup({ plan: { totalSteps: 24 }, recalls: (index) => recalls[index] ?? 0 });
    await session.run();
    for (const { bestStep, weightsStep, evaluations, baseline } of storage.records) {
      expect(weightsStep).toBe(bestStep);
      if (baseline !== null) expect([0, ...evaluations.map(({ step }) => step)]).toContain(bestStep);
    }
    expect(storage.saved).toEqual([8, 16, 24].map((step) => ({ step, w: step })));
  });

  test('follows the schedule and gives each step a seed of its own', async () => {
    const { session, executor } = setup({ recipe: { schedule: 'constant', warmupRatio: 0, learningRate: 0.01 } });
    await session.run();
    expect(executor.scalars.every(({ learningRate }) => learningRate === 0.01)).toBe(true);
    expect(new Set(executor.scalars.map(({ seed }) => seed)).size).toBe(12);
  });
});

describe('commands', () => {
  test('stop keeps what there is', async () => {
    const { session, storage, recorder, executor } = setup({
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

  test('stop during the first evaluation ends the run before its first step', async () => {
    const { session, recorder, executor } = setup({
      onEvent: (event, running) => {
        if (event.type === 'plan') running.commands.stop('as-planned');
      },
    });
    expect(await session.run()).toBe('stopped');
    expect(executor.scalars).toEqual([]);
    expect(recorder.record.weightsStep).toBeNull();
  });

  /** A run that is stopped in the middle of its evaluation number `which`; its evaluations would go on for ever. */
  async function stoppedWhileMeasuring(which: number, recipe: RecipeChange = {}) {
    const made = setup({ plan: { totalSteps: 12 }, recipe, recalls: (index) => (index + 1) / 10 });
    const evaluate = made.task.evaluate.bind(made.task);
    vi.spyOn(made.task, 'evaluate').mockImplementation(async (between) => {
      if (made.task.evaluations === which) made.session.commands.stop('as-planned');
      while (made.task.evaluations === which) await between({ done: 1, total: 10, of: 'captions' });
      return evaluate(between);
    });
    return { ...made, reason: await made.session.run() };
  }

  test('stop during an evaluation ends that too, and what was measured before stays', async () => {
    const { reason, recorder, executor, storage } = await stoppedWhileMeasuring(2);
    expect(reason).toBe('stopped');
    expect(executor.scalars).toHaveLength(8);
    expect(recorder.record).toMatchObject({ state: 'stopped', bestStep: 4, weightsStep: 4 });
    expect(recorder.record.evaluations.map(({ step }) => step)).toEqual([4]);
    expect(recorder.record.message).toContain('Stopped after step 8. The weights of step 4');
    expect(storage.saved.at(-1)).toEqual({ step: 4, w: 4 });
  });

  test('a second stop ends the last evaluation', async () => {
    const clock = { now: 0 };
    const { session, recorder, task } = setup({
      plan: { totalSteps: 1000, evaluateEvery: 400 },
      now: () => (clock.now += 1000),
      recalls: (index) => (index + 1) / 10,
      onEvent: (event, running) => {
        if (event.type === 'steps') running.commands.stop('as-planned');
        if (event.type === 'phase' && event.detail.startsWith('Measuring step')) running.commands.stop('as-planned');
      },
    });
    expect(await session.run()).toBe('stopped');
    expect(task.evaluations).toBe(1);
    expect(recorder.record.evaluations).toEqual([]);
    // Nothing was measured that one could go back to, so the last weights are what there is.
    expect(recorder.record).toMatchObject({ bestStep: null, weightsStep: recorder.record.stepsDone, tensors: ['w'] });
    expect(recorder.record.message).toContain('No step was measured. The last weights are kept.');
  });

  test('stop before the first step leaves nothing to offer', async () => {
    const { session, recorder, events } = setup({
      onEvent: (event, running) => {
        if (event.type === 'baseline') running.commands.stop('as-planned');
      },
    });
    expect(await session.run()).toBe('stopped');
    expect(recorder.record).toMatchObject({ bestStep: null, weightsStep: null });
    expect(eventsOf(events, 'ended')[0]?.bestStep).toBeNull();
  });

  test('pause holds the steps, evaluate-now works meanwhile, resume goes on', async () => {
    const { session, executor, events } = setup({
      plan: { totalSteps: 30, evaluateEvery: 20 },
      onEvent: (event, running) => {
        if (event.type === 'steps' && !paused) {
          paused = true;
          running.commands.pause();
        }
        if (event.type === 'phase' && event.phase === 'paused') reached();
        if (event.type === 'evaluation' && event.evaluation.step < 20) measured();
      },
    });
    let paused = false;
    let reached: () => void = () => undefined;
    let measured: () => void = () => undefined;
    const pausing = new Promise<void>((resolve) => (reached = resolve));
    const measuring = new Promise<void>((resolve) => (measured = resolve));
    const running = session.run();
    await pausing;
    const before = executor.scalars.length;
    expect(before).toBeLessThan(20);
    session.commands.evaluateNow();
    await measuring;
    expect(executor.scalars.length).toBe(before);
    session.commands.resume();
    expect(await running).toBe('finished');
    expect(executor.scalars).toHaveLength(30);
    expect(eventsOf(events, 'evaluation').map(({ evaluation }) => evaluation.step)).toEqual([before, 20, 30]);
  });

  test('a paused run can be stopped', async () => {
    const { session } = setup({
      plan: { totalSteps: 1000 },
      onEvent: (event, running) => {
        if (event.type === 'evaluation') running.commands.pause();
        if (event.type === 'phase' && event.phase === 'paused') running.commands.stop('as-planned');
      },
    });
    expect(await session.run()).toBe('stopped');
  });
});

describe('changes on the way', () => {
  /** Tells the session something once, when that step is charted. */
  function at(step: number, tell: (session: TrainingSession) => void) {
    let told = false;
    return (event: TrainingEvent, running: TrainingSession): void => {
      if (told || event.type !== 'evaluation' || event.evaluation.step !== step) return;
      told = true;
      tell(running);
    };
  }
  const constant: RecipeChange = { schedule: 'constant', warmupRatio: 0, learningRate: 0.01 };

  test('rate and length change from the next step on, and are part of the record', async () => {
    const { session, executor, recorder, events } = setup({
      recipe: constant,
      onEvent: at(4, ({ commands }) => commands.change({ learningRate: 0.002, totalSteps: 20 })),
    });
    expect(await session.run()).toBe('finished');
    expect(executor.scalars.map(({ learningRate }) => learningRate)).toEqual([
      ...Array<number>(4).fill(0.01),
      ...Array<number>(16).fill(0.002),
    ]);
    expect(recorder.record).toMatchObject({
      totalSteps: 20,
      stepsDone: 20,
      message: expect.stringContaining('Finished after 20 steps') as string,
      events: [
        { kind: 'rate', step: 4, from: 0.01, to: 0.002 },
        { kind: 'length', step: 4, from: 12, to: 20 },
      ],
    });
    expect(eventsOf(events, 'happened').at(-1)).toMatchObject({ totalSteps: 20 });
  });

  test('a run that is made shorter than it is ends where it is', async () => {
    const { session, executor } = setup({ onEvent: at(8, ({ commands }) => commands.change({ totalSteps: 3 })) });
    expect(await session.run()).toBe('finished');
    expect(executor.scalars).toHaveLength(8);
  });

  test('a stop that keeps the last weights puts them in the place of the best', async () => {
    const recalls = [0.1, 0.9, 0.4];
    const { session, storage, recorder } = setup({
      recalls: (index) => recalls[index] ?? 0,
      onEvent: at(8, ({ commands }) => commands.stop('last')),
    });
    expect(await session.run()).toBe('stopped');
    expect(storage.saved.at(-1)).toEqual({ step: 8, w: 8 });
    expect(recorder.record).toMatchObject({ weightsStep: 8, bestStep: null });
    expect(recorder.record.message).toBe('Stopped after step 8. The last weights are kept.');
  });

  test('a stop that keeps nothing measures and stores nothing more', async () => {
    const { session, storage, task } = setup({
      plan: { totalSteps: 1000, evaluateEvery: 7 },
      onEvent: at(7, ({ commands }) => commands.stop('nothing')),
    });
    expect(await session.run()).toBe('stopped');
    expect(task.evaluations).toBe(2);
    expect(storage.saved).toHaveLength(1);
  });

  test('an evaluation that is cancelled leaves nothing, and the run goes on', async () => {
    const made = setup({ recalls: (index) => (index + 1) / 10 });
    const evaluate = made.task.evaluate.bind(made.task);
    let calls = 0;
    vi.spyOn(made.task, 'evaluate').mockImplementation(async (between) => {
      if (++calls === 3) {
        made.session.commands.cancelEvaluation();
        for (;;) await between({ done: 1, total: 10, of: 'captions' });
      }
      return evaluate(between);
    });
    expect(await made.session.run()).toBe('finished');
    expect(made.recorder.record.evaluations.map(({ step }) => step)).toEqual([4, 12]);
  });

  test('a gentle run rests as long as it works', async () => {
    const clock = { now: 0 };
    const idle = new Idle(
      () => clock.now,
      (milliseconds) => {
        // Browsers wake hidden pages late.
        clock.now += Math.max(milliseconds, 100);
        return Promise.resolve();
      },
    );
    for (let step = 0; step < 100; step++) await idle.rest(20);
    expect(clock.now).toBeGreaterThan(1800);
    expect(clock.now).toBeLessThan(2200);
  });
});

describe('early stopping', () => {
  test('ends the run after so many evaluations without progress', async () => {
    const recalls = [0, 0.5, 0.6, 0.6, 0.55];
    const { session, executor, recorder } = setup({
      plan: { totalSteps: 100 },
      recipe: { earlyStopping: true, patience: 2 },
      recalls: (index) => recalls[index] ?? 0,
    });
    expect(await session.run()).toBe('early-stopping');
    expect(executor.scalars).toHaveLength(16);
    expect(recorder.record.bestStep).toBe(8);
  });
});

describe('trouble', () => {
  test('a lost device ends the run as failed and keeps the best weights', async () => {
    const executor = new FakeExecutor((step) => {
      if (step === 7) throw new EngineError('device-lost', 'The graphics driver restarted.');
      return 1 / step;
    });
    const { session, storage, recorder, events } = setup({ executor });
    expect(await session.run()).toBe('failed');
    expect(recorder.record.state).toBe('failed');
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
    const { session, recorder } = setup({
      executor,
      explain: (error) => new EngineError('out-of-memory', `${String(error === failure)}: use micro-batches of 2.`),
    });
    expect(await session.run()).toBe('failed');
    expect(recorder.record.message).toBe('true: use micro-batches of 2.');
    expect(session.failure).toBe(failure);
  });

  test('a device that is lost without a word ends the run too', async () => {
    const executor = new FakeExecutor();
    const { session, recorder } = setup({
      executor,
      plan: { totalSteps: 100_000, evaluateEvery: 50_000 },
      onEvent: (event) => {
        if (event.type === 'steps') executor.loseDevice(new EngineError('device-lost', 'Gone.'));
      },
    });
    expect(await session.run()).toBe('failed');
    expect(recorder.record.message).toBe('Gone.');
  });

  test('one bad reading is left out, a diverged run ends', async () => {
    const once = setup({ executor: new FakeExecutor((step) => (step === 5 ? NaN : 1 / step)) });
    expect(await once.session.run()).toBe('finished');
    expect(once.storage.steps).not.toContain(5);
    expect(once.storage.steps).toHaveLength(11);
    // It has nowhere to go back to.
    const diverged = setup({ executor: new FakeExecutor((step) => (step >= 6 ? NaN : 1)) });
    expect(await diverged.session.run()).toBe('failed');
    expect(diverged.recorder.record.message).toContain('learning rate');
    expect(diverged.storage.saved.at(-1)).toEqual({ step: 4, w: 4 });
  });

  test('losses of exactly zero out of the blue are a failure of the GPU, a loss that fades away is not', async () => {
    const dropped = setup({ executor: new FakeExecutor((step) => (step >= 6 ? 0 : 1)) });
    expect(await dropped.session.run()).toBe('failed');
    expect(dropped.recorder.record.message).toContain('exactly zero');
    const learned = setup({ executor: new FakeExecutor((step) => (step >= 6 ? 0 : 1e-3)) });
    expect(await learned.session.run()).toBe('finished');
  });

  test('a run that diverges goes back to its last good checkpoint with a third of the rate, and says so', async () => {
    // Fails until the rate has been lowered once.
    const checkpoints = new MemoryCheckpoints();
    const recipe: RecipeChange = { schedule: 'constant', warmupRatio: 0, learningRate: 0.09 };
    const executor: FakeExecutor = new FakeExecutor((step) =>
      step >= 8 && (executor.scalars.at(-1)?.learningRate ?? 0) > 0.05 ? NaN : 1 / step,
    );
    const made = setup({ executor, checkpoints, mayGoBack: true, recipe });
    expect(await made.session.run()).toBe('finished');
    const { events } = made.recorder.record;
    const back = events.find((event) => event.kind === 'rolled-back');
    expect(back).toMatchObject({ reason: 'not-finite', from: 0.09, to: 0.03 });
    expect(back?.step).toBeGreaterThan(0);
    expect(back?.step).toBeLessThan(8);
    expect(events.filter(({ kind }) => kind === 'skipped')).toEqual([]);
    expect(made.storage.steps).toEqual(Array.from({ length: 12 }, (_, i) => i + 1));
    const told = eventsOf(made.events, 'happened').map(({ event }) => event.kind);
    expect(told.filter((kind) => kind === 'skipped').length).toBeGreaterThanOrEqual(3);
    expect(told.filter((kind) => kind === 'rolled-back')).toHaveLength(1);
    expect(executor.weights.get('w')).toEqual(Float32Array.of(12));
  });

  test('without a checkpoint it goes back to the beginning; after three times it stops and says why', async () => {
    const executor = new FakeExecutor((step) => (step >= 6 ? NaN : 1));
    const made = setup({ executor, mayGoBack: true });
    expect(await made.session.run()).toBe('failed');
    const returns = made.recorder.record.events.filter((event) => event.kind === 'rolled-back');
    expect(returns.map(({ step }) => step)).toEqual([0, 0, 0]);
    returns.forEach(({ from, to }) => expect(to).toBeCloseTo(from / 3, 12));
    const { message } = made.recorder.record;
    expect(message).toContain('no finite number');
    expect(message).toContain('gone back 3 times');
    expect(made.recorder.record.bestStep).toBe(4);
    expect(executor.disposedTrainers).toBe(4);
  });

  test('a checkpoint that leads into the same trouble is left out the next time', async () => {
    const checkpoints = new MemoryCheckpoints();
    const executor = new FakeExecutor((step) => (step >= 10 ? NaN : 1));
    const made = setup({ executor, checkpoints, mayGoBack: true });
    expect(await made.session.run()).toBe('failed');
    const steps = made.recorder.record.events.flatMap((event) => (event.kind === 'rolled-back' ? [event.step] : []));
    expect(steps).toHaveLength(3);
    expect(steps[1]).toBeLessThan(steps[0] ?? 0);
  });

  test('a failure that another session gets over does not end the run', async () => {
    const failure = new EngineError('out-of-memory', 'No memory left.');
    const executor = new FakeExecutor((step) => {
      if (step === 6) throw failure;
      return 1;
    });
    const { session, recorder, events } = setup({ executor, recovers: (error) => error === failure });
    expect(await session.run()).toBe('again');
    expect(recorder.record).toMatchObject({ state: 'running', endedAt: null });
    expect(eventsOf(events, 'ended')).toEqual([]);
    expect(session.failure).toBe(failure);
    expect(executor.disposedTrainers).toBe(1);
  });

  test('aborted transactions end nothing: what storage refuses is in memory, told, and stored later', async () => {
    const made = setup({ plan: { totalSteps: 40 } });
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

  test('charts what the task tells of each step beside the loss', async () => {
    const { session, events } = setup({});
    await session.run();
    const extras = eventsOf(events, 'steps').flatMap(({ steps }) => steps.map(({ extra }) => extra));
    expect(extras).toEqual(Array.from({ length: 12 }, (_, i) => ({ logitScale: 2 * (i + 1) })));
  });

  test('a full disk stops the saving, not the run, and is told', async () => {
    const { session, storage, recorder } = setup({});
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
