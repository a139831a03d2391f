import { ngramCounts } from './ngrams';

const longest = 4;
/** Of the Gaussian by which a different length is punished. */
const sigma = 6;

/** A sentence as weights of its runs of words, with the norms of these. */
interface Weighted {
  readonly vectors: readonly ReadonlyMap<string, number>[];
  readonly norms: readonly number[];
  /** Its length as it counts there: runs of two words. */
  readonly length: number;
}

/**
 * CIDEr-D of each sentence (`cider_scorer.py` of pycocoevalcap): the mean over runs of 1 to 4 words of a clipped cosine between term frequencies that
 * are weighted by how rare a run is among pictures, times ten. How rare it is comes from the references given, so that of a single picture all
 * scores are 0, and a score depends on which pictures it is computed with. The metric is the mean of all.
 *
 * @param references per picture at least one; each as words by `cocoTokens`
 * @param said per picture, as words
 */
export function ciderD(
  references: readonly (readonly (readonly string[])[])[],
  said: readonly (readonly string[])[],
): Float64Array {
  const counted = references.map((own) => own.map((words) => ngramCounts(words, longest)));
  const pictures = new Map<string, number>();
  for (const own of counted) {
    const ngrams = new Set(own.flatMap((counts) => counts.flatMap((of) => [...of.keys()])));
    for (const ngram of ngrams) pictures.set(ngram, (pictures.get(ngram) ?? 0) + 1);
  }
  const all = Math.log(references.length);
  const weighted = (counts: readonly ReadonlyMap<string, number>[]): Weighted => {
    const vectors = counts.map(
      (of) =>
        new Map(
          [...of].map(([ngram, count]) => [ngram, count * (all - Math.log(Math.max(1, pictures.get(ngram) ?? 0)))]),
        ),
    );
    const norms = vectors.map((vector) => Math.sqrt([...vector.values()].reduce((sum, value) => sum + value ** 2, 0)));
    return { vectors, norms, length: [...counts[1]!.values()].reduce((sum, count) => sum + count, 0) };
  };
  return Float64Array.from(said, (words, picture) => {
    const own = weighted(ngramCounts(words, longest));
    const similarities = counted[picture]!.map((counts) => similarity(own, weighted(counts)));
    return (10 * similarities.reduce((sum, value) => sum + value, 0)) / similarities.length;
  });
}

function similarity(said: Weighted, reference: Weighted): number {
  const penalty = Math.exp(-((said.length - reference.length) ** 2) / (2 * sigma ** 2));
  const cosines = said.vectors.map((vector, index) => {
    const other = reference.vectors[index]!;
    let product = 0;
    for (const [ngram, value] of vector) {
      const wanted = other.get(ngram) ?? 0;
      product += Math.min(value, wanted) * wanted;
    }
    const norms = said.norms[index]! * reference.norms[index]!;
    return norms === 0 ? product : product / norms;
  });
  return (penalty * cosines.reduce((sum, value) => sum + value, 0)) / longest;
}
