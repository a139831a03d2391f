/** A model that says of several sequences side by side which token may come next. It keeps what it was told. */
export interface TokenModel {
  /** Sequences side by side. */
  readonly rows: number;
  /** Tokens that there are. */
  readonly vocabulary: number;
  /** Begins every sequence anew. @returns as `next`, of the token after those that they all begin with */
  start(prompt: readonly number[]): Promise<Float32Array>;
  /**
   * @param tokens the next token of each sequence, `[rows]`
   * @param order the sequence that each one goes on from, `[rows]`; null: itself
   * @returns logits of the token after it, `[rows, vocabulary]`; valid until the next call
   */
  next(tokens: Int32Array, order: Int32Array | null): Promise<Float32Array>;
}

/** What a search begins and ends with. */
export interface TokenFrame {
  /** What every sequence begins with; not empty. */
  readonly prompt: readonly number[];
  /** The token that ends a text. */
  readonly end: number;
}

/** A text that was written. */
export interface Written {
  /** Without what it began with and without the token at its end. */
  readonly tokens: readonly number[];
  /** Natural logarithm of the probability of each of the tokens and of the end, where it came to one, as the model has them. */
  readonly logProbabilities: readonly number[];
  /** Whether it came to its end, rather than to the most tokens that were asked for. */
  readonly ended: boolean;
}
