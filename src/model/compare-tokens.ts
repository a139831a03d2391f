import { ModelError } from './errors';
import type { Architecture } from './families/family';
import type { CaptionTokenizer } from './tokenizer';

/**
 * Compares what the tokenizer emits with what the text tower takes.
 *
 * @returns sentences for the user where the model will not see captions as it should
 * @throws ModelError `invalid` where the tokenizer has ids beyond the token table
 */
export function compareTokens(tokenizer: CaptionTokenizer, architecture: Architecture): readonly string[] {
  const { vocabulary: rows } = architecture.text;
  const { id: highest, file } = tokenizer.highest;
  if (highest >= rows) {
    throw new ModelError(
      'invalid',
      `${file} gives tokens ids up to ${highest}, but the token table of the model has ${rows} rows, for ids up to ${rows - 1} (config.json, text_config.vocab_size). Open the tokenizer that belongs to this model, or resize the table with Transformers (model.resize_token_embeddings(${highest + 1})).`,
      { file },
    );
  }
  return architecture.textNotes(tokenizer);
}
