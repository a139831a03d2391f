import { expect, test, vi } from 'vitest';
import { createDispatcher, type Handlers } from './dispatcher';
import { failureOf, storageFull, StudioError } from '../../protocol/errors';
import type { FailureInfo, RequestMessage, WorkerMessage } from '../../protocol/protocol';

const pauseRequest = (id: number): RequestMessage => ({ id, type: 'pause', params: {} });

function setup(pause: Handlers['pause'], now?: () => number) {
  const posted: WorkerMessage[] = [];
  const onFailure = vi.fn((error: unknown) => Promise.resolve(error));
  const services = { handlers: { pause } as unknown as Handlers, onFailure };
  const dispatch = createDispatcher(
    () => Promise.resolve(services),
    (message) => posted.push(message),
    now,
  );
  return { posted, onFailure, dispatch };
}

test('a request gets one answer under its id', async () => {
  const { dispatch, posted } = setup(() => Promise.resolve(null));
  await dispatch(pauseRequest(7));
  expect(posted).toEqual([{ kind: 'result', id: 7, value: null }]);
});

const thrown: readonly (readonly [string, unknown, FailureInfo])[] = [
  ['a typed error', new StudioError('busy', 'Training.'), { code: 'busy', message: 'Training.' }],
  ['an error', new TypeError('x is undefined'), { code: 'internal', message: 'x is undefined' }],
  ['a full disk', new DOMException('', 'QuotaExceededError'), { code: 'storage-full', message: storageFull }],
  ['anything', 'oh', { code: 'internal', message: 'oh' }],
];

test.each(thrown)('%s becomes a failure', (_, error, failure) => {
  expect(failureOf(error, false)).toEqual(failure);
});

test('what was broken off counts as cancelled only where the page took it back', () => {
  const abort = new DOMException('The transaction was aborted.', 'AbortError');
  expect(failureOf(abort, true)).toEqual({ code: 'cancelled', message: 'Cancelled.' });
  expect(failureOf(abort, false)).toMatchObject({
    code: 'broken-off',
    message: expect.stringContaining('Nothing that was stored before is lost') as string,
  });
  expect(failureOf(new StudioError('cancelled', 'Cancelled.'), false).code).toBe('cancelled');
});

test('a handler that rejects, and a request that nobody knows, fail too', async () => {
  const { dispatch, posted, onFailure } = setup(() => Promise.reject(new Error('later')));
  await dispatch(pauseRequest(1));
  await dispatch({ id: 2, type: 'stop', params: { keep: 'as-planned' } });
  expect(posted).toEqual([
    { kind: 'failure', id: 1, failure: { code: 'internal', message: 'later' } },
    { kind: 'failure', id: 2, failure: { code: 'internal', message: 'The worker knows no request "stop".' } },
  ]);
  expect(onFailure).toHaveBeenCalledTimes(2);
});

test('cancelling reaches the handler', async () => {
  const { dispatch, posted } = setup(
    (_, { signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(new StudioError('cancelled', 'Cancelled.')));
      }),
  );
  const answered = dispatch(pauseRequest(3));
  await Promise.resolve();
  await dispatch({ type: 'cancel', id: 3 });
  await answered;
  expect(posted).toEqual([{ kind: 'failure', id: 3, failure: { code: 'cancelled', message: 'Cancelled.' } }]);
});

test('progress is thinned out, its end always told, and nothing comes after the answer', async () => {
  let late: (() => void) | undefined;
  let now = 0;
  const { dispatch, posted } = setup(
    (_, { progress }) => {
      for (let done = 1; done <= 100; done++) {
        now += 5;
        progress({ label: 'Reading', done, total: 100 });
      }
      late = () => progress({ label: 'Reading', done: 100, total: 100 });
      return Promise.resolve(null);
    },
    () => now,
  );
  await dispatch(pauseRequest(1));
  late?.();
  const told = posted.flatMap((message) => (message.kind === 'progress' ? [message.progress.done] : []));
  expect(told).toEqual([1, 21, 41, 61, 81, 100]);
  expect(posted.at(-1)?.kind).toBe('result');
});

test('progress that nothing follows for a while is told all the same', async () => {
  let finish: () => void = () => undefined;
  const { dispatch, posted } = setup((_, { progress }) => {
    for (const done of [1, 2, 3]) progress({ label: 'Reading', done, total: 100 });
    return new Promise((resolve) => (finish = () => resolve(null)));
  });
  const answered = dispatch(pauseRequest(1));
  await vi.waitFor(() => expect(posted).toHaveLength(2));
  expect(posted.at(-1)).toMatchObject({ kind: 'progress', progress: { done: 3 } });
  finish();
  await answered;
});
