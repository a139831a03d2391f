import { namedMeasures, confusionMatrix, measuresOf } from '../../../tasks/classification/measures';
import { shownImages, type ClassGuess, type Confusion } from '../../../tasks/classification/predictions';
import { lossMetric, type MetricChanges, type Metrics } from '../../../tasks/metrics';
import { bootstrapIntervals, type Change } from '../../statistics/bootstrap';

/** What a set of weights makes of some pictures with labels. */
export interface ClassScores {
  readonly metrics: Metrics;
  /** The class of each picture, and the one that it was taken for. */
  readonly targets: readonly number[];
  readonly predicted: Int32Array;
  /** Probability of the class that it was taken for. */
  readonly confidence: Float64Array;
  /** Cross-entropy of each picture. */
  readonly losses: Float64Array;
  readonly classes: number;
}

/** @param logits `[pictures, classes]` */
export function scoreClasses(logits: Float32Array, targets: readonly number[], classes: number): ClassScores {
  const pictures = targets.length;
  const predicted = new Int32Array(pictures);
  const confidence = new Float64Array(pictures);
  const losses = new Float64Array(pictures);
  for (let picture = 0; picture < pictures; picture++) {
    const row = logits.subarray(picture * classes, (picture + 1) * classes);
    const best = row.reduce((place, value, index) => (value > row[place]! ? index : place), 0);
    const sum = row.reduce((total, value) => total + Math.exp(value - row[best]!), 0);
    predicted[picture] = best;
    confidence[picture] = 1 / sum;
    losses[picture] = Math.log(sum) + row[best]! - row[targets[picture]!]!;
  }
  const loss = losses.reduce((total, value) => total + value, 0) / Math.max(1, pictures);
  return {
    metrics: namedMeasures(confusionMatrix(classes, targets, predicted), loss),
    targets,
    predicted,
    confidence,
    losses,
    classes,
  };
}

/** The probabilities of all classes, by softmax. */
export function probabilities(logits: Float32Array): Float64Array {
  const most = logits.reduce((best, value) => Math.max(best, value), -Infinity);
  const exponentials = Float64Array.from(logits, (value) => Math.exp(value - most));
  const sum = exponentials.reduce((total, value) => total + value, 0);
  return exponentials.map((value) => value / sum);
}

/**
 * Intervals of all differences between two sets of weights on the same pictures, each of which is drawn by itself.
 *
 * @returns null where there are too few pictures to tell
 */
export async function classChanges(
  before: ClassScores,
  after: ClassScores,
  pause?: () => Promise<void>,
): Promise<MetricChanges | null> {
  const { targets, classes } = before;
  const pictures = targets.length;
  const counts = new Float64Array(pictures).fill(1);
  const mean = (of: (scores: ClassScores, picture: number) => number, leastChange: number | null): Change => ({
    kind: 'mean',
    differences: Float64Array.from({ length: pictures }, (_, picture) => of(after, picture) - of(before, picture)),
    counts,
    leastChange,
  });
  const drawnMeasures = (scores: ClassScores, drawn: Int32Array) => {
    const matrix = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
    targets.forEach((target, picture) => (matrix[target]![scores.predicted[picture]!]! += drawn[picture]!));
    return measuresOf(matrix);
  };
  const measured = (of: (measures: ReturnType<typeof measuresOf>) => number): Change => ({
    kind: 'computed',
    of: (drawn) => of(drawnMeasures(after, drawn)) - of(drawnMeasures(before, drawn)),
  });
  const changes: Readonly<Record<string, Change>> = {
    accuracy: mean(({ predicted }, picture) => (predicted[picture] === targets[picture] ? 1 : 0), 1),
    [lossMetric]: mean(({ losses }, picture) => losses[picture]!, null),
    'balanced-accuracy': measured(({ balancedAccuracy }) => balancedAccuracy),
    'macro-precision': measured(({ macro }) => macro.precision),
    'macro-recall': measured(({ macro }) => macro.recall),
    'macro-f1': measured(({ macro }) => macro.f1),
    'weighted-f1': measured(({ weighted }) => weighted.f1),
  };
  const found = await bootstrapIntervals(Object.values(changes), pictures, pause);
  if (found === null) return null;
  const intervals = Object.keys(changes).map((name, index) => [name, found[index]!] as const);
  return { intervals: Object.fromEntries(intervals), groups: pictures };
}

/** Which pictures of a class were taken for which. */
export function confusionOf(
  { targets, predicted }: ClassScores,
  classes: readonly string[],
  imageIds: readonly string[],
): Confusion {
  const cells = new Map<number, { row: number; column: number; count: number; images: string[] }>();
  targets.forEach((row, picture) => {
    const column = predicted[picture]!;
    const key = row * classes.length + column;
    const cell = cells.get(key) ?? { row, column, count: 0, images: [] };
    cells.set(key, cell);
    cell.count++;
    if (cell.images.length < shownImages) cell.images.push(imageIds[picture] ?? '');
  });
  return { classes, cells: [...cells.values()] };
}

/** What a picture was taken for. */
export function guessOf(
  { predicted, confidence }: ClassScores,
  picture: number,
  classes: readonly string[],
): ClassGuess {
  return { label: classes[predicted[picture] ?? -1] ?? '', probability: confidence[picture] ?? NaN };
}
