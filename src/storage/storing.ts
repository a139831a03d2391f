import { database, StorageError, type Database } from './db';
import { withRoom } from './feature-cache/here';
import { isStorageFailure, withRetries, type Wait } from './retry';

/** What browsers say of a transaction that they broke off. */
const brokenOff: readonly string[] = ['AbortError', 'InvalidStateError', 'TransactionInactiveError', 'UnknownError'];

function isBrokenOff(error: unknown): boolean {
  return isStorageFailure(error) && (!(error instanceof Error) || brokenOff.includes(error.name));
}

/**
 * Does a write of the user's, or the removal of something: again where the browser breaks it off, without the caches where there is no room, and turns
 * what stays into an error that says what to do. All writes go through here but those of a run in progress, whose recorder waits in its own way.
 *
 * @param write whole: what it did before it failed is undone, as one transaction is, or may be done again
 * @throws StorageError `storage-full`, `not-stored`
 */
export async function storing<Result>(write: (db: Database) => Promise<Result>, wait?: Wait): Promise<Result> {
  try {
    return await withRetries(
      () => withRoom(async () => write(await database())),
      (error) => !isBrokenOff(error),
      wait,
    );
  } catch (error) {
    if (error instanceof Error && error.name === 'QuotaExceededError') throw storageFull('', { cause: error });
    // As it is, it would count as something that the user has cancelled.
    if (isBrokenOff(error)) {
      throw new StorageError(
        'not-stored',
        'The browser broke off storing this each time it was tried. Nothing that was stored before is lost. Try again; if that does not help, reload the page.',
        { cause: error },
      );
    }
    throw error;
  }
}

/** The error for a full disk. */
export function storageFull(detail = '', options?: ErrorOptions): StorageError {
  return new StorageError(
    'storage-full',
    `The browser has no more room for this site${detail}. Nothing that was stored before is lost. Delete datasets, runs or models that you no longer need, or free space on the disk, and try again.`,
    options,
  );
}
