import { failureOf } from '../../protocol/errors';
import type {
  AnswerMessage,
  PageMessage,
  Progress,
  RequestMessage,
  Requests,
  RequestType,
} from '../../protocol/protocol';

/** What a handler may use besides its parameters. */
export interface RequestContext {
  /** Fires when the page takes the request back. */
  readonly signal: AbortSignal;
  /** Tells the page how far the work is; thinned out to ten messages a second. */
  readonly progress: (progress: Progress) => void;
}

/** One handler for every type of request. */
export type Handlers = {
  readonly [Type in RequestType]: (
    params: Requests[Type]['params'],
    context: RequestContext,
  ) => Promise<Requests[Type]['result']>;
};

const progressEvery = 100;

/** What answers requests, and what is told when one fails, before the page is: it gives what is behind the failure. */
export interface Services {
  readonly handlers: Handlers;
  readonly onFailure: (error: unknown) => Promise<unknown>;
}

/**
 * The worker's side of the protocol: every request gets exactly one answer, whatever its handler does, and can be cancelled while it runs.
 *
 * @param services loaded with the first request, so that the worker itself starts at once
 */
export function createDispatcher(
  services: () => Promise<Services>,
  post: (message: AnswerMessage) => void,
  now: () => number = () => performance.now(),
): (message: Exclude<PageMessage, { type: 'hello' | 'ping' }>) => Promise<void> {
  const running = new Map<number, AbortController>();

  function throttledProgress(id: number): (progress: Progress) => void {
    let last = -Infinity;
    let waiting: Progress | null = null;
    const send = (progress: Progress): void => {
      waiting = null;
      if (!running.has(id)) return;
      last = now();
      post({ kind: 'progress', id, progress });
    };
    return (progress) => {
      const complete = progress.total !== null && progress.done >= progress.total;
      if (complete || now() - last >= progressEvery) {
        send(progress);
        return;
      }
      // Where nothing follows for a while, the newest is seen all the same.
      if (waiting === null) setTimeout(() => waiting !== null && send(waiting), progressEvery);
      waiting = progress;
    };
  }

  async function answer(request: RequestMessage): Promise<void> {
    const { id } = request;
    const controller = new AbortController();
    running.set(id, controller);
    try {
      const { handlers, onFailure } = await services();
      try {
        const context = { signal: controller.signal, progress: throttledProgress(id) };
        const value = await call(handlers, request, context);
        running.delete(id);
        post({ kind: 'result', id, value });
      } catch (error) {
        throw await onFailure(error);
      }
    } catch (error) {
      running.delete(id);
      post({ kind: 'failure', id, failure: failureOf(error, controller.signal.aborted) });
    }
  }

  return async (message) => {
    if (message.type === 'cancel') running.get(message.id)?.abort();
    else await answer(message);
  };
}

/** Ties the type of a request to its parameters, which the compiler cannot see through the union. */
function call<Type extends RequestType>(
  handlers: Handlers,
  request: { readonly type: Type; readonly params: Requests[Type]['params'] },
  context: RequestContext,
): Promise<Requests[Type]['result']> {
  const handler: Handlers[Type] | undefined = handlers[request.type];
  if (handler === undefined) return Promise.reject(new Error(`The worker knows no request "${request.type}".`));
  return handler(request.params, context);
}
