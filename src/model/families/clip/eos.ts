import type { CaptionTokenizer } from '../../tokenizer';

/** The end-of-text id of configurations from before transformers#24773, which no tokenizer emits: the highest id is looked for instead. */
const highestIdRule = 2;

/**
 * Per caption, the position whose hidden state stands for it: the first end-of-text token or, by the older rule, the first highest id. A caption
 * without the token pools position 0, as in Transformers.
 *
 * @param endOfTextId as in the configuration
 * @param ids `[batch, tokens]`
 * @returns i32 `[batch]`
 */
export function endOfTextIndices(endOfTextId: number, ids: Int32Array, tokens: number): Int32Array<ArrayBuffer> {
  const result = new Int32Array(ids.length / tokens);
  for (let row = 0; row < result.length; row++) {
    const caption = ids.subarray(row * tokens, (row + 1) * tokens);
    const index = endOfTextId === highestIdRule ? caption.indexOf(Math.max(...caption)) : caption.indexOf(endOfTextId);
    result[row] = Math.max(index, 0);
  }
  return result;
}

/** Sentences for the user where captions will not be read at their end token. */
export function endOfTextNotes(endOfTextId: number, tokenizer: CaptionTokenizer): readonly string[] {
  const { endId } = tokenizer;
  const { id: highest, file } = tokenizer.highest;
  const { ids } = tokenizer.encode('a photo');
  if (endOfTextId === highestIdRule) {
    const top = Math.max(...ids);
    if (top !== endId || ids.indexOf(top) !== ids.length - 1) {
      return [
        `config.json has the old end-of-text id 2, by which the text tower reads a caption at its highest id. The tokenizer’s end token is ${endId}, but the highest id of “a photo” is ${top}: captions are read in their middle. Set text_config.eos_token_id to ${endId} and open the model again.`,
      ];
    }
    return highest > endId
      ? [
          `config.json has the old end-of-text id 2, by which the text tower reads a caption at its highest id. ${file} knows tokens up to ${highest}, beyond the end token ${endId}: captions with such a token are read there and not at their end. Set text_config.eos_token_id to ${endId} and open the model again.`,
        ]
      : [];
  }
  if (ids.includes(endOfTextId)) return [];
  return [
    `The text tower looks for the end token ${endOfTextId} (config.json, text_config.eos_token_id, 49407 where it is missing), but the tokenizer ends captions with ${endId}. The tower then reads every caption at its first token, where all are the same, and training cannot work. Set text_config.eos_token_id to ${endId} and open the model again.`,
  ];
}
