import type { GivenFile } from '../dataset/source';
import { client } from './client';

/** Files of one message: copying them costs the page a tenth of a millisecond each. */
const portion = 200;

/**
 * Hands files to the worker for the import that follows, in portions between which the page is free.
 *
 * @throws StudioError `cancelled` when the signal fires
 */
export async function handFiles(files: readonly GivenFile[], signal: AbortSignal): Promise<void> {
  let first = true;
  for (let from = 0; first || from < files.length; from += portion) {
    await client.request('handFiles', { files: files.slice(from, from + portion), first }, { signal });
    first = false;
  }
}
