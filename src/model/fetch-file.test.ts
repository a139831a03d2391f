import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
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
    const { code, message } = await failure();
    expect(code).toBe('network');
    expect(message).toMatch(/broke off after 1000 (of 50000 )?bytes.*try again/i);
  });

  test('a server that falls silent in the middle', async () => {
    server.answer = (_, response) => {
      response.writeHead(200, { 'content-length': bytes.length });
      response.write(bytes.subarray(0, 1000));
    };
    expect((await failure({ patience: 80 })).message).toMatch(/sent nothing for .* seconds.*try again/);
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
