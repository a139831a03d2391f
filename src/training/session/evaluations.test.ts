import { describe, expect, test, vi } from 'vitest';
import type { RecipeChange } from '../../recipe/fields';
import { fakeSession, onceMeasured } from '../testing/fake-session';
import { eventsOf } from '../testing/fakes';

describe('evaluations', () => {
  test('measures the base model first, then at the interval, each step once', async () => {
    const { session, events, recorder } = fakeSession({ plan: { totalSteps: 10 } });
    await session.run();
    expect(eventsOf(events, 'baseline')).toHaveLength(1);
    expect(eventsOf(events, 'evaluation').map(({ evaluation }) => evaluation.step)).toEqual([4, 8, 10]);
    expect(recorder.record.evaluations.map(({ step }) => step)).toEqual([4, 8, 10]);
    expect(recorder.record.baseline).not.toBeNull();
  });

  test('without validation pictures nothing is evaluated and the last weights are kept', async () => {
    const { session, storage, events } = fakeSession({ plan: { evaluateEvery: 0 } });
    expect(await session.run()).toBe('finished');
    expect(eventsOf(events, 'evaluation')).toEqual([]);
    expect(storage.saved.at(-1)).toEqual({ step: 12, w: 12 });
  });

  test('ends the run after so many evaluations without progress', async () => {
    const recalls = [0, 0.5, 0.6, 0.6, 0.55];
    const { session, executor, recorder } = fakeSession({
      plan: { totalSteps: 100 },
      recipe: { earlyStopping: true, patience: 2 },
      recalls: (index) => recalls[index] ?? 0,
    });
    expect(await session.run()).toBe('early-stopping');
    expect(executor.scalars).toHaveLength(16);
    expect(recorder.record.bestStep).toBe(8);
  });
});

describe('the weights that are kept', () => {
  test('keeps the weights of the best evaluation', async () => {
    const recalls = [0.1, 0.4, 0.9, 0.6];
    const { session, storage, recorder } = fakeSession({ recalls: (index) => recalls[index] ?? 0 });
    await session.run();
    expect(recorder.record.bestStep).toBe(8);
    expect(storage.saved.at(-1)).toEqual({ step: 8, w: 8 });
    expect(recorder.record).toMatchObject({ weightsStep: 8, tensors: ['w'] });
    expect(recorder.record.message).toContain('step 8');
  });

  test('keeps the last weights where the recipe says so', async () => {
    const { session, storage } = fakeSession({ recipe: { restoreBest: false }, recalls: (index) => 1 / (index + 1) });
    await session.run();
    expect(storage.saved.at(-1)).toEqual({ step: 12, w: 12 });
  });

  test('where no step is better than the base model, the base model is what the run offers, and it says so', async () => {
    const { session, recorder, storage, events } = fakeSession({ recalls: (index) => (index === 0 ? 0.9 : 0.3) });
    await session.run();
    expect(recorder.record).toMatchObject({ bestStep: 0, weightsStep: 0, tensors: [] });
    expect(recorder.record.message).toContain('No step was better than the base model by');
    expect(storage.saved).toEqual([]);
    expect(eventsOf(events, 'ended')[0]?.bestStep).toBe(0);
    expect(eventsOf(events, 'evaluation').map(({ best }) => best)).toEqual([false, false, false]);
  });

  test('at no time does the stored record speak of other weights than those that are stored', async () => {
    const recalls = [0.2, 0.1, 0.4, 0.3, 0.9, 0.6, 0.95];
    const { session, storage } = fakeSession({ plan: { totalSteps: 24 }, recalls: (index) => recalls[index] ?? 0 });
    await session.run();
    for (const { bestStep, weightsStep, evaluations, baseline } of storage.records) {
      expect(weightsStep).toBe(bestStep);
      if (baseline !== null) expect([0, ...evaluations.map(({ step }) => step)]).toContain(bestStep);
    }
    expect(storage.saved).toEqual([8, 16, 24].map((step) => ({ step, w: step })));
  });

  test('a stop that keeps the last weights puts them in the place of the best', async () => {
    const recalls = [0.1, 0.9, 0.4];
    const { session, storage, recorder } = fakeSession({
      recalls: (index) => recalls[index] ?? 0,
      onEvent: onceMeasured(8, ({ commands }) => commands.stop('last')),
    });
    expect(await session.run()).toBe('stopped');
    expect(storage.saved.at(-1)).toEqual({ step: 8, w: 8 });
    expect(recorder.record).toMatchObject({ weightsStep: 8, bestStep: null });
    expect(recorder.record.message).toBe('Stopped after step 8. The last weights are kept.');
  });
});

describe('an evaluation that is wanted no more', () => {
  /** A run that is stopped in the middle of its evaluation number `which`; its evaluations would go on for ever. */
  async function stoppedWhileMeasuring(which: number, recipe: RecipeChange = {}) {
    const made = fakeSession({ plan: { totalSteps: 12 }, recipe, recalls: (index) => (index + 1) / 10 });
    const evaluate = made.task.evaluate.bind(made.task);
    vi.spyOn(made.task, 'evaluate').mockImplementation(async (between) => {
      if (made.task.evaluations === which) made.session.commands.stop('as-planned');
      while (made.task.evaluations === which) await between({ done: 1, total: 10, of: 'captions' });
      return evaluate(between);
    });
    return { ...made, reason: await made.session.run() };
  }

  test('stop during the first evaluation ends the run before its first step', async () => {
    const { session, recorder, executor } = fakeSession({
      onEvent: (event, running) => {
        if (event.type === 'plan') running.commands.stop('as-planned');
      },
    });
    expect(await session.run()).toBe('stopped');
    expect(executor.scalars).toEqual([]);
    expect(recorder.record.weightsStep).toBeNull();
  });

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
    const { session, recorder, task } = fakeSession({
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

  test('an evaluation that is cancelled leaves nothing, and the run goes on', async () => {
    const made = fakeSession({ recalls: (index) => (index + 1) / 10 });
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
});
