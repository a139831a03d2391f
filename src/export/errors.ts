/** Why an export cannot be made; `message` is for the user. */
export class ExportError extends Error {
  override readonly name = 'ExportError';
  constructor(
    readonly code: 'unsupported' | 'unknown-tensor' | 'not-finite' | 'out-of-range' | 'mismatch',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** What was read back is not what was to be written. @param what a sentence */
export function mismatch(what: string, cause?: unknown): ExportError {
  return new ExportError('mismatch', `The export was discarded: ${what}`, { cause });
}
