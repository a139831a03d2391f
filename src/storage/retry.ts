/** How often a write that failed is tried again, and the first wait in milliseconds; each further one is twice as long. */
const retries = 2;
const firstWait = 200;

export type Wait = (milliseconds: number) => Promise<void>;

export const waiting: Wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/**
 * True for what a database throws: an aborted transaction, a lost connection, a full disk. Safari leaves the reason out at times.
 */
export function isStorageFailure(error: unknown): boolean {
  if (error === null || error === undefined) return true;
  return error instanceof DOMException || (error instanceof Error && error.name === 'StorageError');
}

/**
 * Does a write, and again after a moment where it fails.
 *
 * @param write whole: what it did before it failed is undone or may be done again
 * @param final true for failures that another attempt would not help
 */
export async function withRetries<T>(
  write: () => Promise<T>,
  final: (error: unknown) => boolean,
  wait: Wait = waiting,
): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await write();
    } catch (error) {
      if (final(error) || attempt === retries) throw error;
      await wait(firstWait * 2 ** attempt);
    }
  }
}
