import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createClient, type WorkerLike } from './client';
import type { PageMessage, WorkerMessage } from '../../protocol/protocol';

/** A worker whose answers a test gives by hand. */
class FakeWorker implements WorkerLike {
  readonly sent: PageMessage[] = [];
  terminated = false;
  private readonly listeners = new Map<string, (event: Event) => void>();

  postMessage(message: unknown): void {
    if (message !== null && typeof message === 'object' && 'params' in message && hasFunction(message.params)) {
      throw new DOMException('no clone', 'DataCloneError');
    }
    this.sent.push(message as PageMessage);
  }

  terminate(): void {
    this.terminated = true;
  }

  addEventListener(type: string, listener: unknown): void {
    this.listeners.set(type, listener as (event: Event) => void);
  }

  say(data: WorkerMessage): void {
    this.listeners.get('message')?.({ data } as MessageEvent);
  }

  die(message: string): void {
    this.listeners.get('error')?.({ message, preventDefault: () => undefined } as ErrorEvent);
  }
}

function hasFunction(value: unknown): boolean {
  return value !== null && typeof value === 'object' && Object.values(value).some((item) => typeof item === 'function');
}

/** Web Locks of which the test decides when they are granted. */
class FakeLocks {
  readonly asked: { readonly name: string; readonly granted: () => void; readonly aborted: () => boolean }[] = [];

  request(name: string, { signal }: LockOptions, granted: () => void): Promise<void> {
    this.asked.push({ name, granted, aborted: () => signal?.aborted === true });
    return Promise.resolve();
  }
}
let locks: FakeLocks;

beforeEach(() => {
  vi.useFakeTimers();
  locks = new FakeLocks();
  vi.stubGlobal('navigator', { locks });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function setup() {
  const workers: FakeWorker[] = [];
  const client = createClient(() => {
    workers.push(new FakeWorker());
    return workers.at(-1);
  }, 'https://studio.example/');
  return { client, workers };
}

test('the worker starts with the first request and learns where the page is', async () => {
  const { client, workers } = setup();
  expect(workers).toHaveLength(0);
  const answer = client.request('pause', {});
  expect(workers[0]?.sent).toEqual([
    { type: 'hello', base: 'https://studio.example/', lifeline: expect.any(String) as string },
    { id: 1, type: 'pause', params: {} },
  ]);
  workers[0]?.say({ kind: 'result', id: 1, value: null });
  expect(await answer).toBeNull();
});

test('answers, progress and failures find their requests', async () => {
  const { client, workers } = setup();
  const onProgress = vi.fn();
  const first = client.request('probe', { force: null }, { onProgress });
  const second = client.request('stop', { keep: 'as-planned' });
  workers[0]?.say({ kind: 'progress', id: 1, progress: { label: 'Trying', done: 1, total: null } });
  workers[0]?.say({ kind: 'failure', id: 2, failure: { code: 'not-found', message: 'No run.' } });
  workers[0]?.say({ kind: 'result', id: 1, value: { chosen: 'webgpu' } });
  await expect(second).rejects.toMatchObject({ name: 'StudioError', code: 'not-found', message: 'No run.' });
  expect(await first).toEqual({ chosen: 'webgpu' });
  expect(onProgress).toHaveBeenCalledExactlyOnceWith({ label: 'Trying', done: 1, total: null });
});

test('an aborted signal asks the worker to end, and an aborted request is not even sent', async () => {
  const { client, workers } = setup();
  const controller = new AbortController();
  const answer = client.request('pause', {}, { signal: controller.signal });
  controller.abort();
  expect(workers[0]?.sent.at(-1)).toEqual({ type: 'cancel', id: 1 });
  workers[0]?.say({ kind: 'failure', id: 1, failure: { code: 'cancelled', message: 'Cancelled.' } });
  await expect(answer).rejects.toMatchObject({ code: 'cancelled' });
  await expect(client.request('pause', {}, { signal: controller.signal })).rejects.toMatchObject({ code: 'cancelled' });
  expect(workers[0]?.sent).toHaveLength(3);
});

test('a crash rejects all that waits, is told, and the next request starts a new worker', async () => {
  const { client, workers } = setup();
  const crashed = vi.fn();
  client.crashed(crashed);
  const waiting = [client.request('pause', {}), client.request('stop', { keep: 'as-planned' })];
  workers[0]?.die('out of memory');
  for (const answer of waiting) await expect(answer).rejects.toMatchObject({ code: 'worker-crashed' });
  expect(crashed).toHaveBeenCalledOnce();
  expect(workers[0]?.terminated).toBe(true);
  const next = client.request('pause', {});
  expect(workers).toHaveLength(2);
  // What the dead worker still says is not heard.
  workers[0]?.say({ kind: 'result', id: 3, value: 'stale' });
  workers[1]?.say({ kind: 'result', id: 3, value: null });
  expect(await next).toBeNull();
});

test('events reach listeners until they leave', () => {
  const { client, workers } = setup();
  const listener = vi.fn();
  const leave = client.onEvent(listener);
  void client.request('pause', {});
  const event = { type: 'phase', runId: 'r', phase: 'training', detail: '', fraction: null } as const;
  workers[0]?.say({ kind: 'events', events: [event] });
  leave();
  workers[0]?.say({ kind: 'events', events: [event] });
  expect(listener).toHaveBeenCalledExactlyOnceWith(event);
});

test('parameters that cannot be sent fail their request', async () => {
  const { client } = setup();
  const params = { force: (() => null) as unknown as null };
  await expect(client.request('probe', params)).rejects.toMatchObject({ code: 'internal' });
});

test('a worker that ends without a word is noticed by the lock that it leaves', async () => {
  const { client, workers } = setup();
  const waiting = client.request('pause', {});
  expect(locks.asked).toHaveLength(0);
  workers[0]?.say({ kind: 'alive' });
  const hello = workers[0]?.sent[0];
  expect(locks.asked[0]?.name).toBe(hello?.type === 'hello' ? hello.lifeline : null);
  locks.asked[0]?.granted();
  await expect(waiting).rejects.toMatchObject({
    code: 'worker-crashed',
    message: expect.stringMatching(/browser ended the background worker.*stored before is safe.*next action/) as string,
  });
  void client.request('pause', {});
  expect(workers).toHaveLength(2);
  const names = workers.map(({ sent: [hello] }) => (hello?.type === 'hello' ? hello.lifeline : null));
  expect(new Set(names).size).toBe(2);
});

test('a worker that is ended on purpose is watched no longer', () => {
  const { client, workers } = setup();
  const crashed = vi.fn();
  client.crashed(crashed);
  client.request('pause', {}).catch(() => undefined);
  workers[0]?.say({ kind: 'alive' });
  client.dispose();
  expect(locks.asked[0]?.aborted()).toBe(true);
  locks.asked[0]?.granted();
  expect(crashed).not.toHaveBeenCalled();
});

describe('silence', () => {
  const pings = (worker: FakeWorker | undefined): number =>
    worker?.sent.filter(({ type }) => type === 'ping').length ?? 0;

  function waiting() {
    const made = setup();
    const silence: boolean[] = [];
    made.client.onSilence((silent) => silence.push(silent));
    const answer = made.client.request('pause', {});
    answer.catch(() => undefined);
    return { ...made, silence, answer };
  }

  test('is told after a minute without an answer, and taken back with the first sign of life', () => {
    const { workers, silence } = waiting();
    vi.advanceTimersByTime(60_000);
    expect(silence).toEqual([]);
    vi.advanceTimersByTime(10_000);
    expect(silence).toEqual([true]);
    // A blocked worker is not to find a heap of them.
    expect(pings(workers[0])).toBe(1);
    workers[0]?.say({ kind: 'pong' });
    expect(silence).toEqual([true, false]);
  });

  test('is not told while the worker answers, nor when nothing is waited for', () => {
    const { workers, silence } = waiting();
    for (let i = 0; i < 100; i++) {
      vi.advanceTimersByTime(5_000);
      workers[0]?.say({ kind: 'pong' });
    }
    expect(pings(workers[0])).toBe(100);
    workers[0]?.say({ kind: 'result', id: 1, value: null });
    vi.advanceTimersByTime(600_000);
    expect(pings(workers[0])).toBe(100);
    expect(silence).toEqual([]);
  });

  test('is not told after the machine slept, nor where a hidden page ticks once a minute', () => {
    const { workers, silence } = waiting();
    for (let minute = 0; minute < 30; minute++) {
      vi.advanceTimersToNextTimer();
      vi.setSystemTime(Date.now() + 60_000);
      workers[0]?.say({ kind: 'pong' });
    }
    vi.setSystemTime(Date.now() + 8 * 3_600_000);
    vi.advanceTimersToNextTimer();
    expect(silence).toEqual([]);
  });

  test('can be ended by a restart, which says so', async () => {
    const { client, workers, silence, answer } = waiting();
    vi.advanceTimersByTime(70_000);
    client.restart();
    await expect(answer).rejects.toMatchObject({
      code: 'worker-crashed',
      message: expect.stringContaining('You ended') as string,
    });
    expect(silence).toEqual([true, false]);
    expect(workers[0]?.terminated).toBe(true);
    void client.request('pause', {}).catch(() => undefined);
    expect(workers).toHaveLength(2);
  });
});
