import { shownImages, type ClassGuess, type Confusion } from '../../../tasks/classification/predictions';

/** What a set of weights makes of some pictures with labels. */
export interface ClassScores {
  /** The class of each picture, and the one that it was taken for. */
  readonly targets: readonly number[];
  readonly predicted: Int32Array;
  /** Probability of the class that it was taken for. */
  readonly confidence: Float64Array;
  /** Cross-entropy of each picture. */
  readonly losses: Float64Array;
  /** Of all classes, `[pictures, classes]`. */
  readonly probabilities: Float64Array;
  readonly classes: number;
}

/** @param logits `[pictures, classes]` */
export function scoreClasses(logits: Float32Array, targets: readonly number[], classes: number): ClassScores {
  const pictures = targets.length;
  const predicted = new Int32Array(pictures);
  const confidence = new Float64Array(pictures);
  const losses = new Float64Array(pictures);
  const all = new Float64Array(pictures * classes);
  for (let picture = 0; picture < pictures; picture++) {
    const row = logits.subarray(picture * classes, (picture + 1) * classes);
    const best = row.reduce((place, value, index) => (value > row[place]! ? index : place), 0);
    const sum = row.reduce((total, value) => total + Math.exp(value - row[best]!), 0);
    predicted[picture] = best;
    confidence[picture] = 1 / sum;
    row.forEach((value, index) => (all[picture * classes + index] = Math.exp(value - row[best]!) / sum));
    losses[picture] = Math.log(sum) + row[best]! - row[targets[picture]!]!;
  }
  return { targets, predicted, confidence, losses, probabilities: all, classes };
}

/** The probabilities of all classes, by softmax. */
export function probabilities(logits: Float32Array): Float64Array {
  const most = logits.reduce((best, value) => Math.max(best, value), -Infinity);
  const exponentials = Float64Array.from(logits, (value) => Math.exp(value - most));
  const sum = exponentials.reduce((total, value) => total + value, 0);
  return exponentials.map((value) => value / sum);
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
