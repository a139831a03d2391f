import { StudioError, WorkerCrash } from '../../protocol/errors';
import type { PageMessage, Progress, Requests, RequestType, WorkerMessage } from '../../protocol/protocol';
import type { TrainingEvent } from '../../protocol/training';
import { Heartbeat, watchLifeline } from '../worker-life';

/**
 * The page's way to the worker, which is started by the first request and again by the next one after its end. Every request settles once; what
 * an earlier worker still sends is ignored.
 */

export { StudioError };

export interface RequestOptions {
  readonly onProgress?: (progress: Progress) => void;
  /** Aborting it asks the worker to end the request, which then rejects with code `cancelled`. */
  readonly signal?: AbortSignal;
}

/** The page's side of the worker. */
export interface StudioClient {
  /**
   * Asks the worker for something; several requests may be under way at once.
   *
   * @throws StudioError with the worker's code and a message for the user; `cancelled` after the signal, `worker-crashed` when the worker died
   */
  request<Type extends RequestType>(
    type: Type,
    params: Requests[Type]['params'],
    options?: RequestOptions,
  ): Promise<Requests[Type]['result']>;
  /** Listens to the events of the training run in progress. Returns the way to stop listening. */
  onEvent(listener: (event: TrainingEvent) => void): () => void;
  /** Tells when the worker died; all pending requests have rejected by then, and the next request starts a new worker. */
  crashed(listener: (error: StudioError) => void): () => void;
  /**
   * Tells true when the worker has given no sign of life for a minute while something is waited for, and false when it is heard again or has
   * ended. It may be stuck, or at a step that takes so long; nobody but the user can know.
   */
  onSilence(listener: (silent: boolean) => void): () => void;
  /** Ends a worker that may be stuck; pending requests reject with `worker-crashed`. A later request starts a new one. */
  restart(): void;
  /** Ends the worker; pending requests reject with `cancelled`. A later request starts a new one. */
  dispose(): void;
}

/** The part of `Worker` that the client needs. */
export type WorkerLike = Pick<Worker, 'postMessage' | 'terminate' | 'addEventListener'>;

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: StudioError) => void;
  readonly onProgress: ((progress: Progress) => void) | undefined;
  readonly unlisten: () => void;
}

const unexpectedly = 'The background worker stopped unexpectedly';

/**
 * One client per page: the worker behind it owns the GPU.
 *
 * @param base folder that the embedded model is served below, with a slash at its end; by default the page's own
 */
export function createClient(
  startWorker: () => WorkerLike = startStudioWorker,
  base: string = new URL('./', globalThis.location.href).href,
): StudioClient {
  const listeners = new Set<(event: TrainingEvent) => void>();
  const crashListeners = new Set<(error: StudioError) => void>();
  const silenceListeners = new Set<(silent: boolean) => void>();
  const pending = new Map<number, Pending>();
  const heartbeat = new Heartbeat(
    (ping) => worker?.postMessage(ping),
    (silent) => {
      for (const listener of silenceListeners) listener(silent);
    },
  );
  let unwatch = (): void => undefined;
  let worker: WorkerLike | null = null;
  let nextId = 1;

  /** Ends the given worker and rejects all that waits for it; late messages of an earlier worker are ignored. */
  function retire(which: WorkerLike, error: StudioError): void {
    if (worker !== which) return;
    worker = null;
    unwatch();
    heartbeat.stop();
    which.terminate();
    for (const { reject, unlisten } of pending.values()) {
      unlisten();
      reject(error);
    }
    pending.clear();
  }

  /** @param what happened, as a sentence without its full stop */
  function crash(which: WorkerLike, what: string): void {
    if (worker !== which) return;
    const error = new WorkerCrash(what);
    retire(which, error);
    for (const listener of crashListeners) listener(error);
  }

  function receive(from: WorkerLike, lifeline: string, message: WorkerMessage): void {
    heartbeat.heard();
    if (message.kind === 'pong') return;
    if (message.kind === 'alive') {
      unwatch = watchLifeline(lifeline, () => {
        crash(from, 'The browser ended the background worker (perhaps for want of memory)');
      });
      return;
    }
    if (message.kind === 'events') {
      for (const event of message.events) for (const listener of listeners) listener(event);
      return;
    }
    const entry = pending.get(message.id);
    if (entry === undefined) return;
    if (message.kind === 'progress') {
      entry.onProgress?.(message.progress);
      return;
    }
    pending.delete(message.id);
    if (pending.size === 0) heartbeat.stop();
    entry.unlisten();
    if (message.kind === 'result') entry.resolve(message.value);
    else entry.reject(new StudioError(message.failure.code, message.failure.message));
  }

  function running(): WorkerLike {
    if (worker !== null) return worker;
    const started = startWorker();
    worker = started;
    const lifeline = `vernier:worker:${crypto.randomUUID()}`;
    started.addEventListener('message', (event) => {
      if (worker === started) receive(started, lifeline, event.data as WorkerMessage);
    });
    started.addEventListener('messageerror', () => {
      crash(started, `${unexpectedly} (a message could not be read)`);
    });
    started.addEventListener('error', (event) => {
      event.preventDefault();
      crash(started, event.message === '' ? unexpectedly : `${unexpectedly} (${event.message})`);
    });
    started.postMessage({ type: 'hello', base, lifeline } satisfies PageMessage);
    return started;
  }

  return {
    request(type, params, { onProgress, signal } = {}) {
      return new Promise((resolve, reject) => {
        if (signal?.aborted === true) {
          reject(new StudioError('cancelled', 'Cancelled.'));
          return;
        }
        const id = nextId++;
        const target = running();
        const cancel = (): void => {
          target.postMessage({ type: 'cancel', id } satisfies PageMessage);
        };
        signal?.addEventListener('abort', cancel, { once: true });
        pending.set(id, {
          // The worker's dispatch table ties each request type to its result type.
          resolve: resolve as (value: unknown) => void,
          reject,
          onProgress,
          unlisten: () => signal?.removeEventListener('abort', cancel),
        });
        heartbeat.start();
        try {
          target.postMessage({ id, type, params });
        } catch (cause) {
          pending.get(id)?.unlisten();
          pending.delete(id);
          if (pending.size === 0) heartbeat.stop();
          reject(new StudioError('internal', `The request "${type}" cannot be sent to the worker.`, { cause }));
        }
      });
    },
    onEvent(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    crashed(listener) {
      crashListeners.add(listener);
      return () => crashListeners.delete(listener);
    },
    onSilence(listener) {
      silenceListeners.add(listener);
      return () => silenceListeners.delete(listener);
    },
    restart() {
      if (worker !== null) crash(worker, 'You ended the background worker (it gave no sign of life)');
    },
    dispose() {
      if (worker !== null) retire(worker, new StudioError('cancelled', 'Cancelled.'));
    },
  };
}

function startStudioWorker(): WorkerLike {
  return new Worker(new URL('../services/worker.ts', import.meta.url), { type: 'module', name: 'vernier' });
}
