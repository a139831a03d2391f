import { descending } from './ranks';

/** Measures of how well scores tell right from wrong, as scikit-learn defines them (`roc_auc_score`, `average_precision_score`). */

/** Scores with what is right, and how often each counts. */
export interface Scored {
  readonly scores: ArrayLike<number>;
  /** 0 or 1. */
  readonly right: ArrayLike<number>;
  /** Absent: each once. */
  readonly weights?: ArrayLike<number>;
  /** Places by descending score, where they are known: subsets of the same scores need them once. */
  readonly order?: Int32Array;
}

/** Share of pairs of a right and a wrong one in which the right one has the higher score, equal ones counting half; NaN where either is missing. */
export function auroc(scored: Scored): number {
  let [area, rightSoFar, wrongSoFar] = [0, 0, 0];
  forEachScore(scored, (right, wrong) => {
    area += wrong * (rightSoFar + right / 2);
    rightSoFar += right;
    wrongSoFar += wrong;
  });
  return area / (rightSoFar * wrongSoFar);
}

/** Precision at each score, weighted by how much recall it adds; no interpolation. NaN where nothing is right. */
export function averagePrecision(scored: Scored): number {
  let [sum, rightSoFar, found] = [0, 0, 0];
  forEachScore(scored, (right, wrong) => {
    rightSoFar += right;
    found += right + wrong;
    if (right > 0) sum += right * (rightSoFar / found);
  });
  return sum / rightSoFar;
}

/**
 * The mean over classes, each against all others (`multi_class="ovr"`, `average="macro"`). Classes of which there is no sample, or nothing but samples,
 * take no part; NaN where none does.
 */
export function macroOverClasses(classes: number, of: (index: number) => number): number {
  const values = Array.from({ length: classes }, (_, index) => of(index)).filter(Number.isFinite);
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Calls back with how many right and wrong ones have each score, the highest first. */
function forEachScore(
  { scores, right, weights, order = descending(scores) }: Scored,
  take: (right: number, wrong: number) => void,
): void {
  for (let at = 0; at < order.length;) {
    const score = scores[order[at]!];
    let [rights, wrongs] = [0, 0];
    for (; at < order.length && scores[order[at]!] === score; at++) {
      const place = order[at]!;
      const weight = weights === undefined ? 1 : weights[place]!;
      if (right[place] === 1) rights += weight;
      else wrongs += weight;
    }
    take(rights, wrongs);
  }
}
