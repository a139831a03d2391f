/**
 * Why something could not be done with a dataset.
 *
 * - `nothing-taken`: an import in which no picture could be used; the message carries the reasons
 * - `unreadable`: a file that cannot be read as what it claims to be
 * - `not-found`: a dataset or picture that is not stored
 * - `too-much`: captions that are too long or too many to be stored
 * - `unfit`: a column that cannot hold a role
 * - `busy`: another tab is importing into the same dataset, or a run is training on it
 */
export type DatasetErrorCode = 'nothing-taken' | 'unreadable' | 'not-found' | 'too-much' | 'unfit' | 'busy';

/** A failure in words for the user: what, which file, what to do. */
export class DatasetError extends Error {
  override readonly name = 'DatasetError';
  constructor(
    readonly code: DatasetErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The sentence for the user in any thrown value. */
export function reasonOf(error: unknown): string {
  return error instanceof Error && error.message !== '' ? error.message : String(error);
}

/** Bytes for people: `640 KB`, `12 MB`, `1.4 GB` (decimal units, as file managers show them). */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${Math.round(bytes)} bytes`;
  const units = ['KB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = -1;
  do {
    value /= 1000;
    unit += 1;
  } while (value >= 999.5 && unit < units.length - 1);
  return `${value < 9.95 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}
