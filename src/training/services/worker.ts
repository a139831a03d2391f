import { createDispatcher, type Services } from './dispatcher';
import { Outbox } from './outbox';
import type { PageMessage, WorkerMessage } from '../../protocol/protocol';
import { holdLifeline } from '../worker-life';

/**
 * The worker that owns the device, the models and the loop. It only passes messages on; what answers them is loaded with the first request, so
 * that the worker is there at once.
 */
let base = new URL('/', self.location.href).href;
let services: Promise<Services> | null = null;

const post = (message: WorkerMessage): void => self.postMessage(message);
const outbox = new Outbox(post);

function loadServices(): Promise<Services> {
  services ??= import('./handlers')
    .then(({ createServices }) =>
      createServices(
        () => base,
        (event) => outbox.event(event),
      ),
    )
    .catch((error: unknown) => {
      // A failed download may be tried again.
      services = null;
      throw error;
    });
  return services;
}

const dispatch = createDispatcher(loadServices, (message) => outbox.answer(message));

self.addEventListener('message', ({ data }: MessageEvent<PageMessage>) => {
  if (data.type === 'hello') {
    base = data.base;
    void holdLifeline(data.lifeline).then(() => post({ kind: 'alive' }));
  } else if (data.type === 'ping') post({ kind: 'pong' });
  else void dispatch(data);
});
