import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { ModelError } from './errors';
import { fetchFile } from './fetch-file';
import { serve, type TestServer } from './testing/serve';

const bytes = Uint8Array.from({ length: 50_000 }, (_, index) => index % 251);

let server: TestServer;
let url: string;
beforeAll(async () => {
  server = await serve();
  url = `${server.address}/config.json`;
});
beforeEach(() => {
  server.answer = (_, response) => response.writeHead(200, { 'content-length': bytes.length }).end(bytes);
});
afterAll(() => server.close());

async function failure(options: Parameters<typeof fetchFile>[1] = {}): Promise<ModelError> {
  const error: unknown = await fetchFile(url, options).catch((reason: unknown) => reason);
  if (!(error instanceof ModelError)) throw new Error(`That is no ModelError: ${String(error)}`);
  return error;
}

test('gives the bytes, and tells how many have come', async () => {
  const told: (readonly [number, number | null])[] = [];
  expect(await fetchFile(url, { onProgress: (loaded, total) => told.push([loaded, total]) })).toEqual(bytes);
  expect(told.at(-1)).toEqual([bytes.length, bytes.length]);
  expect(told.map(([loaded]) => loaded)).toEqual(told.map(([loaded]) => loaded).sort((a, b) => a - b));
});

test('knows no total where the server names none', async () => {
  server.answer = (_, response) => {
    response.write(bytes.subarray(0, 10));
    response.end(bytes.subarray(10));
  };
  let total: number | null = -1;
  expect(await fetchFile(url, { onProgress: (_, of) => (total = of) })).toEqual(bytes);
  expect(total).toBeNull();
});

test.each([404, 410])('null for %d: there is no such file', async (status) => {
  server.answer = (_, response) => response.writeHead(status).end('gone');
  expect(await fetchFile(url)).toBeNull();
});

describe('refuses, and says what to do,', () => {
  test.each([
    [401, /answered 401.*needs a login.*open them as a folder/],
    [403, /answered 403.*needs a login/],
    [500, /answered 500\. Try again later/],
    [503, /answered 503\. Try again later/],
  ])('an answer of %d', async (status, message) => {
    server.answer = (_, response) => response.writeHead(status).end();
    const error = await failure();
    expect(error.code).toBe('network');
    expect(error.message).toMatch(message);
    expect(error.message).toContain(url);
  });

  test('a web page instead of the file', async () => {
    server.answer = (_, response) =>
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end('<!doctype html><p>Log in');
    expect(await failure()).toMatchObject({
      code: 'network',
      message: expect.stringMatching(/web page instead/) as string,
    });
  });

  test('an empty file', async () => {
    server.answer = (_, response) => response.writeHead(200).end();
    expect((await failure()).message).toMatch(/answered with an empty file\. Check the address/);
  });

  test('a connection that breaks off in the middle', async () => {
    server.answer = (_, response) => {
      response.writeHead(200, { 'content-length': bytes.length });
      response.write(bytes.subarray(0, 1000), () => setTimeout(() => response.destroy(), 20));
    };
    const { code, message } = await failure({ waits: [] });
    expect(code).toBe('network');
    expect(message).toMatch(/broke off after 1000 (of 50000 )?bytes.*try again/i);
  });

  test('a server that falls silent in the middle', async () => {
    server.answer = (_, response) => {
      response.writeHead(200, { 'content-length': bytes.length });
      response.write(bytes.subarray(0, 1000));
    };
    expect((await failure({ patience: 80, waits: [] })).message).toMatch(/sent nothing for .* seconds.*try again/);
  });

  test('a host that is not there', async () => {
    const closed = await serve();
    await closed.close();
    const error: unknown = await fetchFile(`${closed.address}/config.json`).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'network', message: expect.stringMatching(/could not be reached/) as string });
  });

  test('a file of over 2 GB, before it is read', async () => {
    server.answer = (_, response) => {
      response.writeHead(200, { 'content-length': 3e9 });
      response.flushHeaders();
    };
    expect(await failure()).toMatchObject({
      code: 'too-large',
      message: expect.stringMatching(/larger than 2 GB/) as string,
    });
  });
});

test('ends at once when it is cancelled in the middle', async () => {
  const controller = new AbortController();
  server.answer = (_, response) => {
    response.writeHead(200, { 'content-length': bytes.length });
    response.write(bytes.subarray(0, 1000));
  };
  const reading = fetchFile(url, { signal: controller.signal, onProgress: () => controller.abort() });
  await expect(reading).rejects.toMatchObject({ name: 'AbortError' });
  await expect(fetchFile(url, { signal: controller.signal })).rejects.toMatchObject({ name: 'AbortError' });
});

describe('a connection that is lost', () => {
  /** Sends so many bytes more with every answer, and then breaks off; tells what was asked for. */
  function breaksOff(every: number): (string | undefined)[] {
    const asked: (string | undefined)[] = [];
    server.answer = (request, response) => {
      const { range } = request.headers;
      asked.push(range);
      const from = Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0);
      response.writeHead(from > 0 ? 206 : 200, { 'content-length': bytes.length - from, etag: '"a"' });
      const part = bytes.subarray(from, from + every);
      if (from + part.length === bytes.length) response.end(part);
      else response.write(part, () => setTimeout(() => response.destroy(), 20));
    };
    return asked;
  }

  test('is taken up again where it stopped, as long as something comes, and says so', async () => {
    const asked = breaksOff(20_000);
    const lost: (readonly [number, number | null])[] = [];
    const read = await fetchFile(url, { waits: [1], onInterrupted: (...told) => lost.push(told) });
    expect(read).toEqual(bytes);
    expect(asked).toEqual([undefined, 'bytes=20000-', 'bytes=40000-']);
    expect(lost).toEqual([
      [20_000, bytes.length],
      [40_000, bytes.length],
    ]);
  });

  test('begins anew where the server knows no ranges', async () => {
    breaksOff(20_000);
    const { answer } = server;
    let answers = 0;
    server.answer = (request, response) => {
      if (answers++ === 0) answer(request, response);
      else response.writeHead(200, { 'content-length': bytes.length }).end(bytes);
    };
    expect(await fetchFile(url, { waits: [1] })).toEqual(bytes);
    expect(answers).toBe(2);
  });

  test('begins anew where the file has changed meanwhile', async () => {
    breaksOff(20_000);
    const { answer } = server;
    const other = bytes.map((byte) => byte ^ 1);
    let answers = 0;
    server.answer = (request, response) => {
      if (answers++ === 0) answer(request, response);
      else if (request.headers.range === undefined) response.writeHead(200, { etag: '"b"' }).end(other);
      else response.writeHead(206, { etag: '"b"', 'content-length': 30_000 }).end(other.subarray(20_000));
    };
    expect(await fetchFile(url, { waits: [1, 1, 1] })).toEqual(other);
  });

  test('outlasts a server that is not yet itself again', async () => {
    const asked = breaksOff(30_000);
    const { answer } = server;
    let answers = 0;
    server.answer = (request, response) => {
      if (answers++ === 1) response.writeHead(503).end();
      else answer(request, response);
    };
    expect(await fetchFile(url, { waits: [1, 1] })).toEqual(bytes);
    expect(asked).toEqual([undefined, 'bytes=30000-']);
  });

  test('is tried at once when the browser is online again', async () => {
    breaksOff(30_000);
    const events = new EventTarget();
    vi.stubGlobal('addEventListener', events.addEventListener.bind(events));
    vi.stubGlobal('removeEventListener', events.removeEventListener.bind(events));
    const read = await fetchFile(url, {
      waits: [1e6],
      onInterrupted: () => setTimeout(() => events.dispatchEvent(new Event('online'))),
    });
    vi.unstubAllGlobals();
    expect(read).toEqual(bytes);
  });

  test('is given up in the end, and at once where no server has ever answered', async () => {
    let lost = 0;
    const closed = await serve();
    await closed.close();
    const ask = (reached: boolean): Promise<unknown> =>
      fetchFile(`${closed.address}/x`, { reached, waits: [1, 1, 1], onInterrupted: () => lost++ });
    await expect(ask(false)).rejects.toMatchObject({ code: 'network' });
    expect(lost).toBe(0);
    await expect(ask(true)).rejects.toMatchObject({ code: 'network' });
    expect(lost).toBe(3);
  });

  test('is not waited for once it is cancelled', async () => {
    breaksOff(30_000);
    const controller = new AbortController();
    const reading = fetchFile(url, {
      waits: [1e6],
      signal: controller.signal,
      onInterrupted: () => setTimeout(() => controller.abort()),
    });
    await expect(reading).rejects.toMatchObject({ name: 'AbortError' });
  });
});
