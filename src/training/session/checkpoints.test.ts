import { expect, test, vi } from 'vitest';
import type { SessionSnapshot } from './state';
import { Checkpoints, type CheckpointStorage } from './checkpoints';

type PutCheckpoint = CheckpointStorage['put'];

const snapshot = (step: number): SessionSnapshot => ({
  state: {
    step,
    lastEvaluated: 0,
    seconds: 1,
    selection: { best: null, reached: null, without: 0 },
    health: { unusable: 0, lastLoss: null },
  },
  weights: new Map(),
  trainer: new Map(),
});

function setup(put: PutCheckpoint) {
  let time = 0;
  const waits: number[] = [];
  const checkpoints = new Checkpoints(
    { put, read: () => Promise.resolve({ checkpoint: null, damaged: [] }), dropAfter: () => Promise.resolve() },
    () => time,
    (milliseconds) => {
      waits.push(milliseconds);
      return Promise.resolve();
    },
  );
  const pass = (milliseconds: number): void => void (time += milliseconds);
  return { checkpoints, pass, waits };
}

test('the first is due after ten seconds; training stands still for at most two per cent of the time', async () => {
  const { checkpoints, pass } = setup(() => {
    pass(1500);
    return Promise.resolve(true);
  });
  pass(9_999);
  expect(checkpoints.due).toBe(false);
  pass(1);
  expect(checkpoints.due).toBe(true);
  expect(await checkpoints.keep(() => Promise.resolve(snapshot(7)))).toEqual({ step: 7, problem: null });
  // 1.5 s were more than ten seconds have to give: two of them are two per cent of 150.
  pass(138_499);
  expect(checkpoints.due).toBe(false);
  pass(1);
  expect(checkpoints.due).toBe(true);
  await checkpoints.keep(() => Promise.resolve(snapshot(8)));
  pass(74_999);
  expect(checkpoints.due).toBe(false);
  pass(1);
  expect(checkpoints.due).toBe(true);
});

test('checkpoints that take longer and longer stay within their share; those that somebody asks for take none of it', async () => {
  let cost = 200;
  const { checkpoints, pass } = setup(() => {
    pass(cost);
    return Promise.resolve(true);
  });
  checkpoints.begin(0);
  let time = 0;
  let taken = 0;
  for (let second = 0; second < 600; second++) {
    pass(1000);
    time += 1000;
    // Asked for, as by a page that is hidden: it only puts off the next.
    if (second === 300) {
      await checkpoints.keep(() => Promise.resolve(snapshot(second)));
      time += cost;
    }
    if (!checkpoints.due) continue;
    await checkpoints.keep(() => Promise.resolve(snapshot(second)));
    time += cost;
    taken += cost;
    cost *= 1.1;
    // The last one may have taken more than the one before it, from which it was foreseen.
    expect(taken / time).toBeLessThanOrEqual(0.02 * 1.1);
  }
  expect(taken / time).toBeGreaterThan(0.013);
});

test('time counts from when training begins, and a large first one waits until it is worth its time', async () => {
  const { checkpoints, pass } = setup(() => {
    pass(200);
    return Promise.resolve(true);
  });
  pass(60_000);
  // About 0.6 s, the share of thirty seconds.
  checkpoints.begin(60_000_000);
  pass(29_999);
  expect(checkpoints.due).toBe(false);
  pass(1);
  expect(checkpoints.due).toBe(true);
  await checkpoints.keep(() => Promise.resolve(snapshot(7)));
  // Where a run goes back, what was timed counts.
  checkpoints.begin(60_000_000);
  pass(10_000);
  expect(checkpoints.due).toBe(true);
});

test('a write that fails is tried again, and then told', async () => {
  const put = vi.fn<PutCheckpoint>().mockRejectedValueOnce(new DOMException('aborted', 'AbortError'));
  const { checkpoints, waits } = setup(put.mockResolvedValueOnce(true));
  expect((await checkpoints.keep(() => Promise.resolve(snapshot(7)))).problem).toBeNull();
  expect(waits).toEqual([200]);
  put.mockRejectedValue(new Error('disk error'));
  const { problem } = await checkpoints.keep(() => Promise.resolve(snapshot(8)));
  expect(problem).toContain('disk error');
  expect(put).toHaveBeenCalledTimes(5);
});

test('one that storage does not take is held in memory until it takes a later one', async () => {
  const put = vi.fn<PutCheckpoint>().mockRejectedValue(new DOMException('aborted', 'AbortError'));
  const { checkpoints } = setup(put);
  const { problem } = await checkpoints.keep(() => Promise.resolve(snapshot(7)));
  expect(problem).toContain('kept in memory');
  expect((await checkpoints.newest())?.state.step).toBe(7);
  put.mockResolvedValue(true);
  expect((await checkpoints.keep(() => Promise.resolve(snapshot(9)))).problem).toBeNull();
  expect(await checkpoints.newest()).toBeNull();
});

test('a full disk is not tried again', async () => {
  const put = vi.fn<PutCheckpoint>().mockRejectedValue(new DOMException('full', 'QuotaExceededError'));
  const { checkpoints } = setup(put);
  expect((await checkpoints.keep(() => Promise.resolve(snapshot(7)))).problem).toContain('no room');
  expect(put).toHaveBeenCalledOnce();
});

test('weights that are not finite make no checkpoint', async () => {
  const { checkpoints } = setup(() => Promise.resolve(false));
  expect((await checkpoints.keep(() => Promise.resolve(snapshot(7)))).problem).toContain('not finite');
});
