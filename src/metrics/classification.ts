/**
 * Measures of classification as scikit-learn defines them: `accuracy_score`, `balanced_accuracy_score` and `precision_recall_fscore_support`.
 */

/** How many samples of each class (row) were taken for each class (column): `[classes, classes]`. */
export type ConfusionMatrix = readonly (readonly number[])[];

/** Of one class: samples that are rightly taken for it, that are taken for it, and that are of it. */
export interface ClassCounts {
  readonly right: number;
  readonly found: number;
  readonly support: number;
}

export interface PrecisionRecall {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

/** Averages over classes, each counting the same (macro) or by its samples (weighted), and over all decisions together (micro). */
export interface Averages {
  readonly micro: PrecisionRecall;
  readonly macro: PrecisionRecall;
  readonly weighted: PrecisionRecall;
}

export interface ClassificationMeasures extends Averages {
  readonly accuracy: number;
  /** Mean recall of the classes that have samples. */
  readonly balancedAccuracy: number;
}

export function confusionMatrix(
  classes: number,
  targets: ArrayLike<number>,
  predicted: ArrayLike<number>,
): ConfusionMatrix {
  const matrix = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  for (let i = 0; i < targets.length; i++) matrix[targets[i]!]![predicted[i]!]!++;
  return matrix;
}

/** The counts of each class of a confusion matrix. */
export function classCounts(matrix: ConfusionMatrix): readonly ClassCounts[] {
  const found = new Array<number>(matrix.length).fill(0);
  for (const row of matrix) row.forEach((count, column) => (found[column]! += count));
  return matrix.map((row, index) => ({ right: row[index]!, found: found[index]!, support: sum(row) }));
}

/**
 * The counts of each label where a sample may have several of them, or none.
 *
 * @param targets, predicted 0 or 1, `[samples, labels]`
 */
export function labelCounts(
  labels: number,
  targets: ArrayLike<number>,
  predicted: ArrayLike<number>,
): readonly ClassCounts[] {
  return Array.from({ length: labels }, (_, label) => {
    let [right, found, support] = [0, 0, 0];
    for (let at = label; at < targets.length; at += labels) {
      right += targets[at]! * predicted[at]!;
      found += predicted[at]!;
      support += targets[at]!;
    }
    return { right, found, support };
  });
}

/** @param zeroDivision what stands where nothing can be divided by: precision of a class that nothing is taken for, and so on */
export function precisionRecall({ right, found, support }: ClassCounts, zeroDivision: 0 | 1 = 0): PrecisionRecall {
  const divided = (part: number, whole: number): number => (whole === 0 ? zeroDivision : part / whole);
  return {
    precision: divided(right, found),
    recall: divided(right, support),
    f1: divided(2 * right, found + support),
  };
}

/** The averages of all classes given. */
export function averages(classes: readonly ClassCounts[], zeroDivision: 0 | 1 = 0): Averages {
  const each = classes.map((counts) => precisionRecall(counts, zeroDivision));
  const weightedBy = (weights: readonly number[]): PrecisionRecall => {
    const total = sum(weights);
    const of = (name: keyof PrecisionRecall): number =>
      total === 0 ? zeroDivision : each.reduce((mean, one, index) => mean + weights[index]! * one[name], 0) / total;
    return { precision: of('precision'), recall: of('recall'), f1: of('f1') };
  };
  const all = {
    right: sum(classes.map(({ right }) => right)),
    found: sum(classes.map(({ found }) => found)),
    support: sum(classes.map(({ support }) => support)),
  };
  return {
    micro: precisionRecall(all, zeroDivision),
    macro: weightedBy(classes.map(() => 1)),
    weighted: weightedBy(classes.map(({ support }) => support)),
  };
}

/** The measures of a confusion matrix. Classes that are neither in the targets nor in the predictions take no part. */
export function classMeasures(matrix: ConfusionMatrix): ClassificationMeasures {
  const present = classCounts(matrix).filter(({ found, support }) => found + support > 0);
  const withSamples = present.filter(({ support }) => support > 0);
  const recalls = withSamples.map(({ right, support }) => right / support);
  const total = sum(present.map(({ support }) => support));
  return {
    ...averages(present),
    accuracy: total === 0 ? 0 : sum(present.map(({ right }) => right)) / total,
    balancedAccuracy: recalls.length === 0 ? 0 : sum(recalls) / recalls.length,
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
