import { lossMetric, picturesMetric, type Metrics } from '../metrics';

/** How many pictures of each class (row) were taken for each class (column): `[classes, classes]`. */
export type ConfusionMatrix = readonly (readonly number[])[];

/** Precision, recall and F1, averaged over classes or pictures as scikit-learn names it. */
interface Averages {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

export interface ClassificationMeasures {
  readonly accuracy: number;
  /** Mean recall of the classes that have pictures. */
  readonly balancedAccuracy: number;
  readonly micro: Averages;
  readonly macro: Averages;
  readonly weighted: Averages;
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

/**
 * The measures of a confusion matrix as scikit-learn has them: `accuracy_score`, `balanced_accuracy_score` and
 * `precision_recall_fscore_support` with `zero_division=0`. Classes that are neither in the targets nor in the predictions take no part.
 */
export function measuresOf(matrix: ConfusionMatrix): ClassificationMeasures {
  const support = matrix.map(sum);
  const found = matrix.map((_, column) => sum(matrix.map((row) => row[column]!)));
  const right = matrix.map((row, index) => row[index]!);
  const total = sum(support);
  const present = matrix.map((_, index) => index).filter((index) => support[index]! + found[index]! > 0);
  const perClass = present.map((index) => {
    const precision = share(right[index]!, found[index]!);
    const recall = share(right[index]!, support[index]!);
    return {
      precision,
      recall,
      f1: share(2 * right[index]!, found[index]! + support[index]!),
      support: support[index]!,
    };
  });
  const average = (weight: (support: number) => number): Averages => {
    const weights = perClass.map((each) => weight(each.support));
    const of = (name: keyof Averages): number =>
      share(
        perClass.reduce((mean, each, index) => mean + weights[index]! * each[name], 0),
        sum(weights),
      );
    return { precision: of('precision'), recall: of('recall'), f1: of('f1') };
  };
  const accuracy = share(sum(right), total);
  const withPictures = perClass.filter((each) => each.support > 0);
  return {
    accuracy,
    balancedAccuracy: share(
      withPictures.reduce((mean, { recall }) => mean + recall, 0),
      withPictures.length,
    ),
    // Each picture has one class and is taken for one, so that every mistake is one of precision and one of recall.
    micro: { precision: accuracy, recall: accuracy, f1: accuracy },
    macro: average(() => 1),
    weighted: average((pictures) => pictures),
  };
}

/** Measures and loss as the metrics that the task describes. */
export function namedMeasures(matrix: ConfusionMatrix, loss: number): Metrics {
  const { accuracy, balancedAccuracy, macro, weighted } = measuresOf(matrix);
  return {
    [lossMetric]: loss,
    [picturesMetric]: matrix.reduce((total, row) => total + sum(row), 0),
    classes: matrix.length,
    accuracy,
    'balanced-accuracy': balancedAccuracy,
    'macro-precision': macro.precision,
    'macro-recall': macro.recall,
    'macro-f1': macro.f1,
    'weighted-f1': weighted.f1,
  };
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
