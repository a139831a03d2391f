import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { serve, type TestServer } from '../model/testing/serve';
import type { Progress } from '../protocol/protocol';
import { fetchSample } from './samples';

const bytes = Uint8Array.from({ length: 50_000 }, (_, index) => index % 251);

let server: TestServer;
beforeAll(async () => {
  server = await serve();
  const { fetch } = globalThis;
  // A page knows where its own files lie.
  vi.stubGlobal('fetch', (path: string, init?: RequestInit) => fetch(`${server.address}/${path}`, init));
});
afterAll(async () => {
  vi.unstubAllGlobals();
  await server.close();
});

const get = (onProgress: (progress: Progress) => void = () => undefined): Promise<Blob> =>
  fetchSample('emoji.zip', new AbortController().signal, onProgress);

test('a sample whose connection breaks off goes on where it stopped, and says so', async () => {
  const ranges: (string | undefined)[] = [];
  server.answer = ({ headers: { range } }, response) => {
    ranges.push(range);
    const from = Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0);
    response.writeHead(from > 0 ? 206 : 200, { 'content-length': bytes.length - from, etag: '"a"' });
    if (from > 0) response.end(bytes.subarray(from));
    else response.write(bytes.subarray(0, 30_000), () => setTimeout(() => response.destroy(), 20));
  };
  const told: string[] = [];
  const blob = await get(({ label, done, total }) => told.push(`${label}: ${done} of ${total}`));
  expect(new Uint8Array(await blob.arrayBuffer())).toEqual(bytes);
  expect(ranges).toEqual([undefined, 'bytes=30000-']);
  expect(told).toContain('Connection lost. The sample goes on when it is back: 30000 of 50000');
  expect(told.at(-1)).toBe('Getting the sample: 50000 of 50000');
});

test('a sample that is not there, and one that the server refuses, say so', async () => {
  server.answer = (_, response) => response.writeHead(404).end();
  await expect(get()).rejects.toThrow('The sample emoji.zip is missing. Is the studio served whole?');
  server.answer = (_, response) => response.writeHead(500).end();
  await expect(get()).rejects.toThrow('samples/emoji.zip answered 500. Try again later.');
});
