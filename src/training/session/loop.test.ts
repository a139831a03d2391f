import { describe, expect, test } from 'vitest';
import { fakeSession } from '../testing/fake-session';
import { eventsOf } from '../testing/fakes';

describe('steps', () => {
  test('says what is done while there are no steps to show, and why those of the first epoch are slow', async () => {
    const clock = { now: 0 };
    const { session, events } = fakeSession({ plan: { totalSteps: 8 }, now: () => (clock.now += 1000) });
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

  test('follows the schedule and gives each step a seed of its own', async () => {
    const { session, executor } = fakeSession({ recipe: { schedule: 'constant', warmupRatio: 0, learningRate: 0.01 } });
    await session.run();
    expect(executor.scalars.every(({ learningRate }) => learningRate === 0.01)).toBe(true);
    expect(new Set(executor.scalars.map(({ seed }) => seed)).size).toBe(12);
  });

  test('charts what the task tells of each step beside the loss', async () => {
    const { session, events } = fakeSession({});
    await session.run();
    const extras = eventsOf(events, 'steps').flatMap(({ steps }) => steps.map(({ extra }) => extra));
    expect(extras).toEqual(Array.from({ length: 12 }, (_, i) => ({ logitScale: 2 * (i + 1) })));
  });
});

describe('a pause', () => {
  test('pause holds the steps, evaluate-now works meanwhile, resume goes on', async () => {
    const { session, executor, events } = fakeSession({
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
    const { session } = fakeSession({
      plan: { totalSteps: 1000 },
      onEvent: (event, running) => {
        if (event.type === 'evaluation') running.commands.pause();
        if (event.type === 'phase' && event.phase === 'paused') running.commands.stop('as-planned');
      },
    });
    expect(await session.run()).toBe('stopped');
  });
});
