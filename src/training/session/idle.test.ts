import { expect, test } from 'vitest';
import { Idle } from './idle';

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
