import { expect, test } from 'vitest';
import type { RecipeChange } from '../../recipe/fields';
import { fakeSession, onceMeasured } from '../testing/fake-session';
import { eventsOf } from '../testing/fakes';

const constant: RecipeChange = { schedule: 'constant', warmupRatio: 0, learningRate: 0.01 };

test('rate and length change from the next step on, and are part of the record', async () => {
  const { session, executor, recorder, events } = fakeSession({
    recipe: constant,
    onEvent: onceMeasured(4, ({ commands }) => commands.change({ learningRate: 0.002, totalSteps: 20 })),
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
  const { session, executor } = fakeSession({
    onEvent: onceMeasured(8, ({ commands }) => commands.change({ totalSteps: 3 })),
  });
  expect(await session.run()).toBe('finished');
  expect(executor.scalars).toHaveLength(8);
});
