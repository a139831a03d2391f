/** A word of a text, and the tokens that stand for it: `from` up to and without `to`. Empty where the text was cut before it. */
export interface WordTokens {
  readonly text: string;
  readonly from: number;
  readonly to: number;
}

/**
 * Which tokens stand for which word, found by tokenizing ever longer beginnings of the text: tokenizers never join what white space parts, so a
 * beginning that ends with a word has the tokens of the whole up to there.
 *
 * @param tokenize gives the ids of a text between its special tokens, padded or not
 */
export function wordsOf(text: string, tokenize: (text: string) => ArrayLike<number>): readonly WordTokens[] {
  const ids = tokenize(text);
  const end = bodyEnd(ids);
  const words = [...text.matchAll(/\S+/g)];
  let from = Math.min(end, sharedStart(tokenize(''), ids));
  return words.map((match, index): WordTokens => {
    const last = index === words.length - 1;
    const until = match.index + match[0].length;
    const to = last ? end : Math.min(end, Math.max(from, sharedStart(tokenize(text.slice(0, until)), ids)));
    const word = { text: match[0], from, to };
    from = to;
    return word;
  });
}

/** Where the end token, and padding that repeats it, begins. */
function bodyEnd(ids: ArrayLike<number>): number {
  let end = ids.length;
  const last = ids[end - 1];
  while (end > 0 && ids[end - 1] === last) end--;
  return end;
}

function sharedStart(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length++;
  return length;
}
