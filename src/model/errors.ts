/**
 * Why a model could not be read.
 *
 * - `missing`: a file or a tensor is not there
 * - `invalid`: a file is damaged, lies about itself or contradicts another
 * - `unsupported`: the file is sound but Vernier cannot use it
 * - `network`: the address did not answer, or answered something else
 * - `too-large`: over a size cap
 */
export type ModelErrorCode = 'missing' | 'invalid' | 'unsupported' | 'network' | 'too-large';

/** A model, or one of its files, cannot be used. `message` is written for the user: what, which file, what to do. */
export class ModelError extends Error {
  override readonly name = 'ModelError';
  /** The file the message is about, where there is one. */
  readonly file: string | undefined;

  constructor(
    readonly code: ModelErrorCode,
    message: string,
    options: ErrorOptions & { readonly file?: string } = {},
  ) {
    super(message, options);
    this.file = options.file;
  }
}
