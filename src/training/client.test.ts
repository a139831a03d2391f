import { expect, test, vi } from 'vitest';
import { createClient, type WorkerLike } from './client';
import type { PageMessage, WorkerMessage } from './protocol';

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
    { type: 'hello', base: 'https://studio.example/' },
    { id: 1, type: 'pause', params: {} },
  ]);
  workers[0]?.say({ kind: 'result', id: 1, value: null });
  expect(await answer).toBeNull();
});

test('answers, progress and failures find their requests', async () => {
  const { client, workers } = setup();
  const onProgress = vi.fn();
  const first = client.request('probe', { force: null }, { onProgress });
  const second = client.request('stop', {});
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
  const waiting = [client.request('pause', {}), client.request('stop', {})];
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
