import { rules } from './ptb-rules';

/**
 * Words of captions as COCO's evaluation takes them (`PTBTokenizer` of pycocoevalcap): split by the rules of Stanford's tokenizer for the Penn Treebank,
 * version 3.4.1 as it is set there, in lower case, without the punctuation that the evaluation leaves out.
 *
 * What matters to scores is where words are cut and which tokens are equal, so that escapes (`1\/2`) are left out. Rules for mark-up and telephone
 * numbers are left out too. Quirks are kept: brackets stay as `-lrb-`, since they are looked for in capitals after the tokens were lowered; several
 * marks in a row (`!!`) stay; British spellings become American ones, also where that makes no word.
 */

/** Tokens that are left out. */
const punctuation = new Set([
  ...["''", "'", '``', '`', '-LRB-', '-RRB-', '-LCB-', '-RCB-'],
  ...['.', '?', '!', ',', ':', '-', '--', '...', ';'],
]);

/** The words of a caption, in lower case and without punctuation; none for a caption of punctuation alone. */
export function cocoTokens(caption: string): readonly string[] {
  return treebankTokens(caption)
    .map((token) => token.toLowerCase())
    .filter((token) => !punctuation.has(token));
}

/** Tokens of the Penn Treebank. */
function treebankTokens(text: string): readonly string[] {
  const tokens: string[] = [];
  for (let at = 0; at < text.length;) {
    const found = longest(text, at);
    if (found === null) {
      // A space, or a character that the tokenizer does not know and drops.
      at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
      continue;
    }
    if (found.token !== '') tokens.push(found.token);
    at += found.length;
  }
  return tokens;
}

/** The rule that matches most at a place, with what it looks ahead at; of equals the first. */
function longest(text: string, at: number): { readonly token: string; readonly length: number } | null {
  let best: { readonly length: number; readonly token: string; readonly seen: number } | null = null;
  for (const { pattern, left = 0, as } of rules) {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match === null) continue;
    const [seen, own = seen] = match;
    if (best !== null && seen.length <= best.seen) continue;
    const taken = left === 0 ? own : own.slice(0, own.length - left);
    best = { seen: seen.length, length: taken.length, token: as === undefined ? taken : as(taken) };
  }
  return best === null ? null : { token: best.token, length: best.length };
}
