import { sigmoid } from '../heads/calibration';
import { calibrationBins } from '../../../metrics/calibration';
import {
  shownImages,
  type ClassGuess,
  type Confusion,
  type ReliabilityBin,
} from '../../../tasks/classification/predictions';

/** What a set of weights makes of some samples that have one class each. */
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

/**
 * @param logits `[pictures, classes]`
 * @param temperature by which they are divided
 */
export function scoreClasses(
  logits: Float32Array,
  targets: readonly number[],
  classes: number,
  temperature = 1,
): ClassScores {
  const pictures = targets.length;
  const predicted = new Int32Array(pictures);
  const confidence = new Float64Array(pictures);
  const losses = new Float64Array(pictures);
  const all = new Float64Array(pictures * classes);
  for (let picture = 0; picture < pictures; picture++) {
    const row = tempered(logits.subarray(picture * classes, (picture + 1) * classes), temperature);
    const best = row.reduce((place, value, index) => (value > row[place]! ? index : place), 0);
    const sum = row.reduce((total, value) => total + Math.exp(value - row[best]!), 0);
    predicted[picture] = best;
    confidence[picture] = 1 / sum;
    row.forEach((value, index) => (all[picture * classes + index] = Math.exp(value - row[best]!) / sum));
    losses[picture] = Math.log(sum) + row[best]! - row[targets[picture]!]!;
  }
  return { targets, predicted, confidence, losses, probabilities: all, classes };
}

function tempered(logits: Float32Array, temperature: number): Float32Array {
  return temperature === 1 ? logits : logits.map((logit) => logit / temperature);
}

/**
 * Steps of a scale. A sample is taken for the number of steps that it lies above more probably than not.
 *
 * @param logits of lying above each step, `[samples, classes - 1]`
 */
export function scoreOrdered(
  logits: Float32Array,
  targets: readonly number[],
  classes: number,
  temperature = 1,
): ClassScores {
  const samples = targets.length;
  const steps = classes - 1;
  const predicted = new Int32Array(samples);
  const confidence = new Float64Array(samples);
  const losses = new Float64Array(samples);
  const all = new Float64Array(samples * classes);
  for (let sample = 0; sample < samples; sample++) {
    const row = tempered(logits.subarray(sample * steps, (sample + 1) * steps), temperature);
    const own = orderedProbabilities(row);
    all.set(own, sample * classes);
    predicted[sample] = row.reduce((count, logit) => count + Number(logit > 0), 0);
    confidence[sample] = own[predicted[sample]!] ?? NaN;
    losses[sample] = -Math.log(Math.max(1e-12, own[targets[sample]!] ?? 0));
  }
  return { targets, predicted, confidence, losses, probabilities: all, classes };
}

/** The probabilities of all classes from the logits of lying above each step: what lies above one and not above the next. */
export function orderedProbabilities(logits: ArrayLike<number>): Float64Array {
  const above = [1, ...Array.from(logits, sigmoid), 0];
  const differences = above.slice(1).map((next, step) => Math.max(0, above[step]! - next));
  const sum = differences.reduce((total, value) => total + value, 0);
  return Float64Array.from(differences, (value) => value / sum);
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

/** Pictures that are shown at every evaluation. */
const watched = 8;

/** Places of pictures worth watching: half that the base model gets wrong, half that it gets right, spread over all. */
export function chooseShown({ targets, predicted }: Pick<ClassScores, 'targets' | 'predicted'>): readonly number[] {
  return spreadOver([...targets.keys()].map((place) => predicted[place] === targets[place]));
}

/** @param right of each place */
export function spreadOver(right: readonly boolean[]): readonly number[] {
  const places = [...right.keys()];
  const good = places.filter((place) => right[place]);
  const wrong = places.filter((place) => !right[place]);
  const fromWrong = Math.min(wrong.length, Math.max(watched / 2, watched - good.length));
  return [...spread(wrong, fromWrong), ...spread(good, watched - fromWrong)].sort((a, b) => a - b);
}

function spread(items: readonly number[], count: number): readonly number[] {
  if (items.length <= count) return items;
  return Array.from({ length: count }, (_, i) => items[Math.floor(((i + 0.5) * items.length) / count)] ?? 0);
}

/** How often probabilities come true, by intervals of them that hold samples. */
export function reliabilityOf({ targets, predicted, confidence }: ClassScores): readonly ReliabilityBin[] {
  const right = targets.map((target, place) => (predicted[place] === target ? 1 : 0));
  return calibrationBins(confidence, right).filter(({ count }) => count > 0);
}
