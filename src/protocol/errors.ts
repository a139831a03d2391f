import type { FailureInfo } from './protocol';

/**
 * Failure of something the user asked the worker for; `message` is written for the user. Codes that the training code gives itself:
 *
 * - `cancelled`: the page asked for it
 * - `worker-crashed`: the worker died; it is started again with the next request
 * - `busy`: another run holds the device
 * - `not-found`: a dataset, run or model that is not stored
 * - `too-few`: not enough data for what was asked
 * - `does-not-fit`: refused, since memory would not suffice
 * - `no-weights`: a run that kept no weights
 * - `export-mismatch`: an export that did not read back as it was written
 * - `storage-full`: the browser refused to store more
 * - `broken-off`: the browser ended it by itself
 * - `internal`: anything unforeseen
 *
 * Errors of other modules keep their own code (`EngineErrorCode`, `ModelErrorCode`, …).
 */
export class StudioError extends Error {
  override readonly name = 'StudioError';
  constructor(
    readonly code: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** What requests under way end with when the worker died. */
export class WorkerCrash extends StudioError {
  /** @param what happened, as a sentence without its full stop */
  constructor(readonly what: string) {
    super('worker-crashed', `${what}. What was stored before is safe; the worker starts again with your next action.`);
  }
}

/** True for the failure that a cancelled request ends with. */
export function isCancelled(error: unknown): boolean {
  return (
    (error instanceof StudioError && error.code === 'cancelled') ||
    (error instanceof DOMException && error.name === 'AbortError')
  );
}

/**
 * Any thrown value as it crosses to the page.
 *
 * @param asked whether the page took the request back: databases say of what they broke off what is said of what was cancelled
 */
export function failureOf(error: unknown, asked: boolean): FailureInfo {
  if (isCancelled(error) && (asked || error instanceof StudioError))
    return { code: 'cancelled', message: 'Cancelled.' };
  if (isCancelled(error)) return { code: 'broken-off', message: brokenOff };
  const says = error instanceof Error && error.name === 'StorageError';
  if (isQuotaExceeded(error) && !says) return { code: 'storage-full', message: storageFull };
  if (error instanceof Error) {
    const code = 'code' in error && typeof error.code === 'string' ? error.code : 'internal';
    return { code, message: error.message === '' ? error.name : error.message };
  }
  return { code: 'internal', message: String(error) };
}

const brokenOff =
  'The browser broke this off. Nothing that was stored before is lost. Try again; if that does not help, reload the page.';

export const storageFull =
  'The browser has no more room for this site. Delete runs, datasets or models that you no longer need, or free space on the disk, and try again.';

/** True when a write failed for want of space. */
export function isQuotaExceeded(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return error.name === 'QuotaExceededError' || (error.cause !== undefined && isQuotaExceeded(error.cause));
}

/** Throws the cancellation that `failureOf` and the client recognise, if the signal says so. */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new StudioError('cancelled', 'Cancelled.');
}

/** What there is to say of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
