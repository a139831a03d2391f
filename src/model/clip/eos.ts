import type { ClipConfig } from './config';

/**
 * Per caption, the position whose hidden state stands for it: the first end-of-text token or, for configurations from before
 * transformers#24773 (end-of-text id 2, which no tokenizer emits), the first highest id. A caption without the token pools
 * position 0, as in Transformers.
 *
 * @param ids `[batch, tokens]`
 * @returns i32 `[batch]`
 */
export function endOfTextIndices(config: ClipConfig, ids: Int32Array, tokens: number): Int32Array<ArrayBuffer> {
  const { endOfTextId } = config.text;
  const result = new Int32Array(ids.length / tokens);
  for (let row = 0; row < result.length; row++) {
    const caption = ids.subarray(row * tokens, (row + 1) * tokens);
    const index = endOfTextId === 2 ? caption.indexOf(Math.max(...caption)) : caption.indexOf(endOfTextId);
    result[row] = Math.max(index, 0);
  }
  return result;
}
