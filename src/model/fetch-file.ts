import { ModelError } from './errors';

/**
 * Fetches files of models. A file arrives whole and is no web page in its place, or the error says what the server did; a server that falls
 * silent is given up.
 */

export interface FetchOptions {
  readonly signal?: AbortSignal | undefined;
  /** Bytes so far, and in all where the server says so. */
  readonly onProgress?: ((loaded: number, total: number | null) => void) | undefined;
  /** Milliseconds without a byte after which the server counts as dead. */
  readonly patience?: number;
}

/** Largest file taken in, in bytes: what one ArrayBuffer holds in every current browser. */
const largestFile = 2 ** 31 - 1;

/**
 * Fetches one file of a model as bytes.
 *
 * @returns null when the server says that there is no such file (404, 410)
 * @throws ModelError `network` when the server refuses, answers a web page or nothing, or falls silent; `too-large` above 2 GB
 * @throws DOMException `AbortError` when the signal fires
 */
export async function fetchFile(url: string, options: FetchOptions = {}): Promise<Uint8Array<ArrayBuffer> | null> {
  const { signal, onProgress, patience = 30_000 } = options;
  const silence = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const waitAnew = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => silence.abort(), patience);
  };
  waitAnew();
  let received = 0;
  try {
    const response = await fetch(url, { signal: signal ? AbortSignal.any([signal, silence.signal]) : silence.signal });
    if (response.status === 404 || response.status === 410) return null;
    if (!response.ok) throw refused(url, response.status);
    const declared = Number(response.headers.get('content-length') ?? NaN);
    // A compressed answer is longer than its declared length once it is unpacked, so the length is of no use then.
    const total = Number.isFinite(declared) && !response.headers.has('content-encoding') ? declared : null;
    if (total !== null && total > largestFile) throw tooLarge(url);
    const bytes = await readBody(response, total, url, (loaded) => {
      waitAnew();
      received = loaded;
      onProgress?.(loaded, total);
    });
    expectFile(url, response, bytes);
    return bytes;
  } catch (error) {
    if (error instanceof ModelError) throw error;
    signal?.throwIfAborted();
    const reason = silence.signal.aborted
      ? `sent nothing for ${Math.round(patience / 1000)} seconds`
      : received > 0
        ? `broke off after ${received} bytes`
        : 'could not be reached, or does not allow this page to read from it (CORS)';
    throw new ModelError('network', `${url} ${reason}. Check the address and the connection, then try again.`, {
      cause: error,
    });
  } finally {
    clearTimeout(timer);
  }
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

async function readBody(
  response: Response,
  total: number | null,
  url: string,
  onChunk: (loaded: number) => void,
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let loaded = 0;
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk);
    loaded += chunk.length;
    if (loaded > largestFile) throw tooLarge(url);
    onChunk(loaded);
  }
  if (total !== null && loaded !== total) {
    throw new ModelError('network', `${url} broke off after ${loaded} of ${total} bytes. Try again.`);
  }
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
