import { at } from '../../reference/at';

/**
 * Attention as it is defined, in float64: what its kernels are held against, by tests and by the self-test on the user's adapter. It shares no
 * code with them.
 */

export interface AttentionInputs {
  readonly batch: number;
  readonly tokens: number;
  readonly heads: number;
  readonly headSize: number;
  readonly causal: boolean;
  /** Keys of each sequence that count; null: all. */
  readonly lengths: ArrayLike<number> | null;
  /** `[batch * tokens, 3 * heads * headSize]`. */
  readonly qkv: ArrayLike<number>;
}

/** Multi-head attention in float64, with its gradient for the output gradient dy. */
export function attentionReference(
  inputs: AttentionInputs,
  dy: ArrayLike<number>,
): Readonly<Record<'y' | 'dQkv', Float64Array>> {
  const { batch, tokens, heads, headSize, causal, lengths, qkv } = inputs;
  const width = heads * headSize;
  const y = new Float64Array(batch * tokens * width);
  const dQkv = new Float64Array(batch * tokens * 3 * width);
  const scale = headSize ** -0.5;
  const add = (array: Float64Array, index: number, value: number): void => {
    array[index] = at(array, index) + value;
  };
  for (let b = 0; b < batch; b++) {
    for (let head = 0; head < heads; head++) {
      /** First element of the query (0), key (1) or value (2) of a token. */
      const place = (token: number, third: number): number =>
        (b * tokens + token) * 3 * width + third * width + head * headSize;
      for (let query = 0; query < tokens; query++) {
        const keys = Math.min(lengths === null ? tokens : at(lengths, b), causal ? query + 1 : tokens);
        const out = (b * tokens + query) * width + head * headSize;
        const dot = (key: number, third: number, other: ArrayLike<number>, start: number): number => {
          let sum = 0;
          for (let d = 0; d < headSize; d++) sum += at(qkv, place(key, third) + d) * at(other, start + d);
          return sum;
        };
        const scores = Array.from({ length: keys }, (_, key) => scale * dot(key, 1, qkv, place(query, 0)));
        const peak = Math.max(...scores);
        const total = scores.reduce((sum, score) => sum + Math.exp(score - peak), 0);
        const weights = scores.map((score) => Math.exp(score - peak) / total);
        const pulls = weights.map((_, key) => dot(key, 2, dy, out));
        const mean = weights.reduce((sum, weight, key) => sum + weight * at(pulls, key), 0);
        weights.forEach((weight, key) => {
          const ds = scale * weight * (at(pulls, key) - mean);
          for (let d = 0; d < headSize; d++) {
            add(y, out + d, weight * at(qkv, place(key, 2) + d));
            add(dQkv, place(query, 0) + d, ds * at(qkv, place(key, 1) + d));
            add(dQkv, place(key, 1) + d, ds * at(qkv, place(query, 0) + d));
            add(dQkv, place(key, 2) + d, weight * at(dy, out + d));
          }
        });
      }
    }
  }
  return { y, dQkv };
}
