import { ModelError } from './errors';

/**
 * Fetches files of models. A file arrives whole and is no web page in its place, or the error says what the server did. A connection that breaks off
 * is taken up again where it stopped, until the network has been away for too long.
 */

export interface FetchOptions {
  readonly signal?: AbortSignal | undefined;
  /** Bytes so far, and in all where the server says so. */
  readonly onProgress?: ((loaded: number, total: number | null) => void) | undefined;
  /** The connection is lost, with so many bytes so far; it is tried again by itself. */
  readonly onInterrupted?: ((loaded: number, total: number | null) => void) | undefined;
  /** The server has answered before: where it cannot be reached now, the network is to blame and not the address. */
  readonly reached?: boolean;
  /** Milliseconds without a byte after which the server counts as dead. */
  readonly patience?: number;
  /** Milliseconds before each try without a further byte; after the last the file is given up. */
  readonly waits?: readonly number[];
}

/** Largest file taken in, in bytes: what one ArrayBuffer holds in every current browser. */
const largestFile = 2 ** 31 - 1;

/** Two minutes in all; what comes back online is tried at once. */
const usualWaits: readonly number[] = [1_000, 2_000, 4_000, 8_000, 15_000, 30_000, 60_000];

/** What has come of a file so far. */
interface Part {
  chunks: Uint8Array[];
  loaded: number;
  /** Null where the server does not say. */
  total: number | null;
  /** How the server tells this version of the file from others; null where it does not. */
  version: string | null;
  /** Whether the server has answered. */
  answered: boolean;
}

/** The connection was lost, which may pass. */
class Interrupted extends ModelError {}

/**
 * Fetches one file of a model as bytes.
 *
 * @returns null when the server says that there is no such file (404, 410)
 * @throws ModelError `network` when the server refuses, answers a web page or nothing, or stays away; `too-large` above 2 GB
 * @throws DOMException `AbortError` when the signal fires
 */
export async function fetchFile(url: string, options: FetchOptions = {}): Promise<Uint8Array<ArrayBuffer> | null> {
  const { signal, onInterrupted, reached = false, waits = usualWaits } = options;
  const part: Part = { chunks: [], loaded: 0, total: null, version: null, answered: reached };
  let tries = 0;
  for (;;) {
    const { loaded } = part;
    try {
      return await fetchRest(url, part, options);
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error;
      if (part.loaded > loaded) tries = 0;
      const wait = waits[tries++];
      if (wait === undefined || !part.answered) throw error;
      onInterrupted?.(part.loaded, part.total);
      await untilOnline(wait, signal);
    }
  }
}

/** Asks for what is missing of a file, and adds what comes to its part. */
async function fetchRest(url: string, part: Part, options: FetchOptions): Promise<Uint8Array<ArrayBuffer> | null> {
  const { signal, onProgress, patience = 30_000 } = options;
  const silence = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const waitAnew = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => silence.abort(), patience);
  };
  waitAnew();
  const goesOn = part.loaded > 0;
  try {
    const response = await fetch(url, {
      signal: signal ? AbortSignal.any([signal, silence.signal]) : silence.signal,
      // From a byte to the end: no server has to be asked whether it may be asked that.
      ...(goesOn ? { headers: { range: `bytes=${part.loaded}-` } } : {}),
    });
    if (goesOn && (response.status >= 500 || response.status === 429 || response.status === 416)) {
      if (response.status === 416) beginAnew(part, null, null);
      throw new Interrupted('network', refused(url, response.status).message);
    }
    if (response.status === 404 || response.status === 410) return null;
    if (!response.ok) throw refused(url, response.status);
    part.answered = true;
    const declared = Number(response.headers.get('content-length') ?? NaN);
    // A compressed answer is longer than its declared length once it is unpacked, so the length is of no use then.
    const length = Number.isFinite(declared) && !response.headers.has('content-encoding') ? declared : null;
    const version = response.headers.get('etag') ?? response.headers.get('last-modified');
    if (response.status !== 206) beginAnew(part, length, version);
    else if (version !== part.version || length === null || part.loaded + length !== part.total) {
      beginAnew(part, null, null);
      throw new Interrupted('network', `${url} has changed while it was read. Try again.`);
    }
    if (part.total !== null && part.total > largestFile) throw tooLarge(url);
    await readBody(response, part, url, () => {
      waitAnew();
      onProgress?.(part.loaded, part.total);
    });
    const bytes = joined(part);
    expectFile(url, response, bytes);
    return bytes;
  } catch (error) {
    if (error instanceof ModelError) throw error;
    signal?.throwIfAborted();
    const reason = silence.signal.aborted
      ? `sent nothing for ${Math.round(patience / 1000)} seconds`
      : part.loaded > 0
        ? `broke off after ${part.loaded} bytes`
        : 'could not be reached, or does not allow this page to read from it (CORS)';
    throw new Interrupted('network', `${url} ${reason}. Check the address and the connection, then try again.`, {
      cause: error,
    });
  } finally {
    clearTimeout(timer);
  }
}

function beginAnew(part: Part, total: number | null, version: string | null): void {
  Object.assign(part, { chunks: [], loaded: 0, total, version });
}

/** Resolves after a time, or as soon as the browser is online again. */
async function untilOnline(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(done, milliseconds);
    // Outside of browsers there may be no such events.
    const events = globalThis as Partial<Pick<EventTarget, 'addEventListener' | 'removeEventListener'>>;
    function done(): void {
      clearTimeout(timer);
      events.removeEventListener?.('online', done);
      signal?.removeEventListener('abort', done);
      resolve();
    }
    events.addEventListener?.('online', done);
    signal?.addEventListener('abort', done);
    if (signal?.aborted === true) done();
  });
  signal?.throwIfAborted();
}

/** Whether a server says that it has a file; false too where it does not answer within five seconds. */
export async function fileExists(url: string, signal?: AbortSignal): Promise<boolean> {
  const patience = AbortSignal.timeout(5_000);
  try {
    const response = await fetch(url, {
      method: 'HEAD',
      signal: signal ? AbortSignal.any([signal, patience]) : patience,
    });
    // Servers of web applications answer any address with their page.
    return response.ok && !(response.headers.get('content-type') ?? '').startsWith('text/html');
  } catch {
    signal?.throwIfAborted();
    return false;
  }
}

async function readBody(response: Response, part: Part, url: string, onChunk: () => void): Promise<void> {
  for await (const chunk of response.body ?? []) {
    part.chunks.push(chunk);
    part.loaded += chunk.length;
    if (part.loaded > largestFile) throw tooLarge(url);
    onChunk();
  }
  const { loaded, total } = part;
  if (total !== null && loaded !== total) {
    if (loaded > total) beginAnew(part, null, null);
    throw new Interrupted('network', `${url} broke off after ${loaded} of ${total} bytes. Try again.`);
  }
}

function joined({ chunks, loaded }: Part): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(loaded);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

/** Servers of web applications answer any address with their page; a login wall does the same. */
function expectFile(url: string, response: Response, bytes: Uint8Array): void {
  if (bytes.length === 0) throw new ModelError('network', `${url} answered with an empty file. Check the address.`);
  const page = (response.headers.get('content-type') ?? '').startsWith('text/html') && !url.endsWith('.html');
  if (page) {
    throw new ModelError(
      'network',
      `${url} answered with a web page instead of the file. Check the address; the model may need a login.`,
    );
  }
}

function refused(url: string, status: number): ModelError {
  const locked = status === 401 || status === 403;
  const advice = locked
    ? 'The model does not exist or needs a login. Download its files yourself and open them as a folder.'
    : 'Try again later.';
  return new ModelError('network', `${url} answered ${status}. ${advice}`);
}

function tooLarge(url: string): ModelError {
  return new ModelError('too-large', `${url} is larger than 2 GB, more than a browser can hold in one piece.`, {
    file: url,
  });
}
