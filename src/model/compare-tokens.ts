import type { ClipConfig } from './clip/config';
import { ModelError } from './errors';
import type { ClipTokenizer } from './tokenizer';

/** The end-of-text id of configurations from before transformers#24773: the text tower then looks for the highest id (`endOfTextIndices`). */
const highestIdRule = 2;

/**
 * Compares what the tokenizer emits with what the text tower takes.
 *
 * @returns sentences for the user where the model will not see captions as it should
 * @throws ModelError `invalid` where the tokenizer has ids beyond the token table
 */
export function compareTokens(tokenizer: ClipTokenizer, config: ClipConfig): readonly string[] {
  const { vocabularySize: rows, endOfTextId } = config.text;
  const { id: highest, file } = tokenizer.highest;
  if (highest >= rows) {
    throw new ModelError(
      'invalid',
      `${file} gives tokens ids up to ${highest}, but the token table of the model has ${rows} rows, for ids up to ${rows - 1} (config.json, text_config.vocab_size). Open the tokenizer that belongs to this model, or resize the table with Transformers (model.resize_token_embeddings(${highest + 1})).`,
      { file },
    );
  }
  const { ids } = tokenizer.encode('a photo');
  if (endOfTextId === highestIdRule) {
    const top = Math.max(...ids);
    if (top !== tokenizer.endId || ids.indexOf(top) !== ids.length - 1) {
      return [
        `config.json has the old end-of-text id 2, by which the text tower reads a caption at its highest id. The tokenizer’s end token is ${tokenizer.endId}, but the highest id of “a photo” is ${top}: captions are read in their middle. Set text_config.eos_token_id to ${tokenizer.endId} and open the model again.`,
      ];
    }
    return highest > tokenizer.endId
      ? [
          `config.json has the old end-of-text id 2, by which the text tower reads a caption at its highest id. ${file} knows tokens up to ${highest}, beyond the end token ${tokenizer.endId}: captions with such a token are read there and not at their end. Set text_config.eos_token_id to ${tokenizer.endId} and open the model again.`,
        ]
      : [];
  }
  if (ids.includes(endOfTextId)) return [];
  return [
    `The text tower looks for the end token ${endOfTextId} (config.json, text_config.eos_token_id, 49407 where it is missing), but the tokenizer ends captions with ${tokenizer.endId}. The tower then reads every caption at its first token, where all are the same, and training cannot work. Set text_config.eos_token_id to ${tokenizer.endId} and open the model again.`,
  ];
}
