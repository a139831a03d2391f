/** Weights of classes in the loss, by how many training samples are of each. */

export interface ClassWeighting {
  readonly classWeights: 'none' | 'balanced' | 'effective';
  /** Of effective numbers, 0…<1. */
  readonly effectiveBeta: number;
}

/**
 * - `balanced`: samples / (classes · samples of the class), as scikit-learn has it
 * - `effective`: one over the effective number of samples, `(1 - β) / (1 - β^n)`, brought to a mean of 1 (Cui et al. 2019, arXiv 1901.05555)
 *
 * A class without samples weighs 0.
 */
export function classWeightsOf(
  counts: readonly number[],
  { classWeights, effectiveBeta }: ClassWeighting,
): Float32Array<ArrayBuffer> {
  const total = counts.reduce((sum, count) => sum + count, 0);
  switch (classWeights) {
    case 'none':
      return new Float32Array(counts.length).fill(1);
    case 'balanced':
      return Float32Array.from(counts, (count) => (count === 0 ? 0 : total / (counts.length * count)));
    case 'effective': {
      const raw = counts.map((count) => (count === 0 ? 0 : (1 - effectiveBeta) / (1 - effectiveBeta ** count)));
      const sum = raw.reduce((all, weight) => all + weight, 0);
      return Float32Array.from(raw, (weight) => (sum === 0 ? 1 : (weight * counts.length) / sum));
    }
    default:
      return classWeights satisfies never;
  }
}

/**
 * Weights of positives where each label is judged by itself: negatives / positives where all are to weigh the same (`balanced`), the ratio of their weights
 * by effective numbers, or 1. A label that no sample has, or all, weighs 1.
 */
export function positiveWeightsOf(
  counts: readonly number[],
  samples: number,
  weighting: ClassWeighting,
): Float32Array<ArrayBuffer> {
  return Float32Array.from(counts, (count) => {
    if (weighting.classWeights === 'none' || count === 0 || count === samples) return 1;
    const [negative = 1, positive = 1] = classWeightsOf([samples - count, count], weighting);
    return positive / negative;
  });
}
