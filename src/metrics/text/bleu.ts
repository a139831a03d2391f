import { ngramCounts } from './ngrams';

/**
 * BLEU, which is two metrics: COCO's (`bleu_scorer.py` of pycocoevalcap with the option `closest`) and sacreBLEU's (2.6 with its defaults: 13a, mixed
 * case, smoothing `exp`). Both are sums over sentences, so that any of them can be measured again from counts.
 */

const longest = 4;

/** What BLEU counts of one sentence, or of several together. */
export interface BleuCounts {
  /** Runs of 1 to 4 words that a reference has as well, each as often as the reference that has most of it. */
  readonly correct: readonly number[];
  /** Runs of 1 to 4 words. */
  readonly guessed: readonly number[];
  /** Words. */
  readonly length: number;
  /** Words of the reference whose length is closest, of two the shorter one. */
  readonly reference: number;
}

/** @param references at least one; each as words */
export function bleuCounts(references: readonly (readonly string[])[], said: readonly string[]): BleuCounts {
  const own = ngramCounts(said, longest);
  const others = references.map((words) => ngramCounts(words, longest));
  const correct = own.map((counts, index) => {
    let matches = 0;
    for (const [ngram, count] of counts) {
      matches += Math.min(count, Math.max(0, ...others.map((other) => other[index]!.get(ngram) ?? 0)));
    }
    return matches;
  });
  const reference = references
    .map(({ length }) => length)
    .reduce((best, length) => {
      const [off, bestOff] = [Math.abs(length - said.length), Math.abs(best - said.length)];
      return off < bestOff || (off === bestOff && length < best) ? length : best;
    }, Infinity);
  return { correct, guessed: own.map((_, index) => Math.max(0, said.length - index)), length: said.length, reference };
}

/** The counts of several sentences together. */
function total(counts: readonly BleuCounts[]): BleuCounts {
  const sum = (of: (each: BleuCounts) => number): number => counts.reduce((all, each) => all + of(each), 0);
  const byLength = (of: (each: BleuCounts) => readonly number[]): readonly number[] =>
    Array.from({ length: longest }, (_, index) => sum((each) => of(each)[index]!));
  return {
    correct: byLength(({ correct }) => correct),
    guessed: byLength(({ guessed }) => guessed),
    length: sum(({ length }) => length),
    reference: sum(({ reference }) => reference),
  };
}

/** BLEU-1…4 of COCO, 0…1, of words by `cocoTokens`. Of one sentence it is COCO's of that sentence. */
export function cocoBleu(counts: readonly BleuCounts[]): readonly number[] {
  const [tiny, small] = [1e-15, 1e-9];
  const { correct, guessed, length, reference } = total(counts);
  const ratio = (length + tiny) / (reference + small);
  const penalty = ratio < 1 ? Math.exp(1 - 1 / ratio) : 1;
  let product = 1;
  return correct.map((matches, index) => {
    product *= (matches + tiny) / (guessed[index]! + small);
    return product ** (1 / (index + 1)) * penalty;
  });
}

/**
 * BLEU-1…4 of sacreBLEU, 0…1 (it shows them times 100), of words by `words13a`. BLEU-4 is its usual one; others are those with `max_ngram_order`.
 * A corpus without a single run of so many words has none of that length.
 */
export function sacreBleu(counts: readonly BleuCounts[]): readonly number[] {
  const { correct, guessed, length, reference } = total(counts);
  const penalty = length >= reference ? 1 : length === 0 ? 0 : Math.exp(1 - reference / length);
  let smoothing = 1;
  let logs = 0;
  return correct.map((matches, index) => {
    if (matches === 0) smoothing *= 2;
    const precision = matches > 0 ? matches / guessed[index]! : 1 / (smoothing * guessed[index]!);
    logs += Math.log(guessed[index] === 0 ? 0 : precision);
    return correct.every((each, place) => place > index || each === 0) ? 0 : penalty * Math.exp(logs / (index + 1));
  });
}

/** Words by sacreBLEU's tokenizer 13a, which is that of mteval-v13a for Western languages. */
export function words13a(sentence: string): readonly string[] {
  const entities: Readonly<Record<string, string>> = { '&quot;': '"', '&amp;': '&', '&lt;': '<', '&gt;': '>' };
  const plain = Object.entries(entities).reduce(
    (text, [entity, character]) => text.replaceAll(entity, character),
    sentence.trimEnd().replaceAll('<skipped>', '').replaceAll('-\n', '').replaceAll('\n', ' '),
  );
  const spaced = ` ${plain} `
    .replace(/[{-~[-` -&(-+:-@/]/g, ' $& ')
    // A point or comma stays between digits.
    .replace(/([^0-9])([.,])/g, '$1 $2 ')
    .replace(/([.,])([^0-9])/g, ' $1 $2')
    .replace(/([0-9])(-)/g, '$1 $2 ');
  return spaced.split(/\s+/).filter((word) => word !== '');
}
