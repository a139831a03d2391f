import type { AddedToken } from './added-tokens';
import type { TokenizerModelDefinition } from './tokenizer-definition';

/** Token ids turned back into text, as the `tokenizers` library and Transformers do it for WordPiece. */

/** What the library's decoder replaces in each token. */
const inTokens = [
  [' .', '.'],
  [' ?', '?'],
  [' !', '!'],
  [' ,', ','],
  [" ' ", "'"],
  [" n't", "n't"],
  [" 'm", "'m"],
  [' do not', " don't"],
  [" 's", "'s"],
  [" 've", "'ve"],
  [" 're", "'re"],
] as const;

/** What Transformers replaces in the text where a tokenizer's settings ask for it (`clean_up_tokenization_spaces`). */
const inText = inTokens.filter(([found]) => found !== ' do not');

/**
 * @param cleansUp whether spaces before punctuation are taken out of the whole text too
 * @returns null for a tokenizer of another kind than WordPiece
 */
export function createWords(
  model: TokenizerModelDefinition,
  vocabulary: ReadonlyMap<string, number>,
  added: readonly AddedToken[],
  cleansUp: boolean,
): ((ids: Iterable<number>) => string) | null {
  if (model.type !== 'WordPiece') return null;
  const prefix = model.continuing_subword_prefix;
  let contents: ReadonlyMap<number, string> | null = null;
  const special = new Set(added.flatMap(({ id, special }) => (special ? [id] : [])));
  return (ids) => {
    contents ??= new Map([
      ...[...vocabulary].map(([content, id]) => [id, content] as const),
      ...added.map(({ content, id }) => [id, content] as const),
    ]);
    const tokens: string[] = [];
    for (const id of ids) {
      const content = contents.get(id);
      if (content === undefined || special.has(id)) continue;
      const continues = content.startsWith(prefix);
      const spaced = tokens.length === 0 ? content : continues ? content.slice(prefix.length) : ` ${content}`;
      tokens.push(replaced(spaced, inTokens));
    }
    const text = tokens.join('');
    return cleansUp ? replaced(text, inText) : text;
  };
}

function replaced(text: string, pairs: readonly (readonly [string, string])[]): string {
  return pairs.reduce((result, [found, put]) => result.replaceAll(found, put), text);
}
