import { describe, expect, test } from 'vitest';
import type { RecipeChange } from '../../recipe/fields';
import { fakeSession, MemoryCheckpoints } from '../testing/fake-session';
import { eventsOf, FakeExecutor } from '../testing/fakes';

describe('a run that diverges', () => {
  test('one bad reading is left out, a diverged run ends', async () => {
    const once = fakeSession({ executor: new FakeExecutor((step) => (step === 5 ? NaN : 1 / step)) });
    expect(await once.session.run()).toBe('finished');
    expect(once.storage.steps).not.toContain(5);
    expect(once.storage.steps).toHaveLength(11);
    // It has nowhere to go back to.
    const diverged = fakeSession({ executor: new FakeExecutor((step) => (step >= 6 ? NaN : 1)) });
    expect(await diverged.session.run()).toBe('failed');
    expect(diverged.recorder.record.message).toContain('learning rate');
    expect(diverged.storage.saved.at(-1)).toEqual({ step: 4, w: 4 });
  });

  test('losses of exactly zero out of the blue are a failure of the GPU, a loss that fades away is not', async () => {
    const dropped = fakeSession({ executor: new FakeExecutor((step) => (step >= 6 ? 0 : 1)) });
    expect(await dropped.session.run()).toBe('failed');
    expect(dropped.recorder.record.message).toContain('exactly zero');
    const learned = fakeSession({ executor: new FakeExecutor((step) => (step >= 6 ? 0 : 1e-3)) });
    expect(await learned.session.run()).toBe('finished');
  });

  test('a run that diverges goes back to its last good checkpoint with a third of the rate, and says so', async () => {
    // Fails until the rate has been lowered once.
    const checkpoints = new MemoryCheckpoints();
    const recipe: RecipeChange = { schedule: 'constant', warmupRatio: 0, learningRate: 0.09 };
    const executor: FakeExecutor = new FakeExecutor((step) =>
      step >= 8 && (executor.scalars.at(-1)?.learningRate ?? 0) > 0.05 ? NaN : 1 / step,
    );
    const made = fakeSession({ executor, checkpoints, mayGoBack: true, recipe });
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
    const made = fakeSession({ executor, mayGoBack: true });
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
    const made = fakeSession({ executor, checkpoints, mayGoBack: true });
    expect(await made.session.run()).toBe('failed');
    const steps = made.recorder.record.events.flatMap((event) => (event.kind === 'rolled-back' ? [event.step] : []));
    expect(steps).toHaveLength(3);
    expect(steps[1]).toBeLessThan(steps[0] ?? 0);
  });
});
