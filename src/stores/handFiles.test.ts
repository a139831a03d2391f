import { beforeEach, expect, test, vi } from 'vitest';
import { handFiles } from './handFiles';

interface Portion {
  readonly files: readonly { readonly path: string }[];
  readonly first: boolean;
}
const request = vi.hoisted(() => vi.fn<(type: string, portion: Portion) => Promise<null>>());
vi.mock('./client', () => ({ client: { request } }));

const files = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ path: `${index}.png`, file: new Blob() }));

beforeEach(() => {
  request.mockReset().mockResolvedValue(null);
});

test('thousands of files go in portions, in order, and the first one forgets what was handed over before', async () => {
  await handFiles(files(4001), new AbortController().signal);
  const portions = request.mock.calls.map(([, portion]) => portion);
  expect(portions.flatMap((portion) => portion.files.map(({ path }) => path))).toEqual(
    files(4001).map(({ path }) => path),
  );
  expect(Math.max(...portions.map((portion) => portion.files.length))).toBeLessThanOrEqual(200);
  expect(portions.map(({ first }) => first)).toEqual(portions.map((_, index) => index === 0));
});

test('nothing at all is handed over as nothing, not as what came before', async () => {
  await handFiles([], new AbortController().signal);
  expect(request.mock.calls.map(([, portion]) => portion)).toEqual([{ files: [], first: true }]);
});

test('a portion that is not taken ends it', async () => {
  request.mockResolvedValueOnce(null).mockRejectedValueOnce(new Error('Cancelled.'));
  await expect(handFiles(files(4000), new AbortController().signal)).rejects.toThrow('Cancelled.');
  expect(request).toHaveBeenCalledTimes(2);
});
