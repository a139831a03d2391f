import { createDispatcher, type Handlers } from './dispatcher';
import type { PageMessage, WorkerMessage } from './protocol';

/**
 * The worker that owns the device, the models and the loop. It only passes messages on; what answers them is loaded with the first request, so
 * that the worker is there at once.
 */
let base = new URL('/', self.location.href).href;
let handlers: Promise<Handlers> | null = null;

function post(message: WorkerMessage): void {
  self.postMessage(message);
}

function loadHandlers(): Promise<Handlers> {
  handlers ??= import('./handlers').then(({ createHandlers }) =>
    createHandlers(
      () => base,
      (event) => post({ kind: 'event', event }),
    ),
  );
  return handlers;
}

const dispatch = createDispatcher(loadHandlers, post);

self.addEventListener('message', ({ data }: MessageEvent<PageMessage>) => {
  if (data.type === 'hello') base = data.base;
  else void dispatch(data);
});
