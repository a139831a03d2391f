/** Whether probabilities are what they say: of those of 80 %, four of five should come true. */

/** Predictions whose confidence lies in one interval, lowest left out and highest taken in. */
export interface CalibrationBin {
  readonly low: number;
  readonly high: number;
  readonly count: number;
  /** Mean confidence, and share of right ones; NaN where it is empty. */
  readonly confidence: number;
  readonly accuracy: number;
}

/** As many as in Guo et al. 2017 (On calibration of modern neural networks). */
const usualBins = 15;

/**
 * The bins of a reliability plot, all of one width.
 *
 * @param confidence probability of what was said, 0…1
 * @param right 0 or 1
 */
export function calibrationBins(
  confidence: ArrayLike<number>,
  right: ArrayLike<number>,
  bins = usualBins,
): readonly CalibrationBin[] {
  const counts = new Float64Array(bins);
  const sums = new Float64Array(bins);
  const hits = new Float64Array(bins);
  for (let sample = 0; sample < confidence.length; sample++) {
    const bin = Math.min(bins - 1, Math.max(0, Math.ceil(confidence[sample]! * bins) - 1));
    counts[bin]!++;
    sums[bin]! += confidence[sample]!;
    hits[bin]! += right[sample]!;
  }
  return Array.from({ length: bins }, (_, bin) => ({
    low: bin / bins,
    high: (bin + 1) / bins,
    count: counts[bin]!,
    confidence: sums[bin]! / counts[bin]!,
    accuracy: hits[bin]! / counts[bin]!,
  }));
}

/** Expected calibration error: the mean distance between confidence and accuracy over the bins, each counting by its samples. */
export function expectedCalibrationError(bins: readonly CalibrationBin[]): number {
  const total = bins.reduce((sum, { count }) => sum + count, 0);
  const off = ({ count, confidence, accuracy }: CalibrationBin): number =>
    count === 0 ? 0 : count * Math.abs(accuracy - confidence);
  return bins.reduce((sum, bin) => sum + off(bin), 0) / total;
}

/**
 * Brier score of several classes: the mean squared distance of the probabilities of all classes from 0 and 1, summed over classes (0…2;
 * `sklearn.metrics.brier_score_loss` with `scale_by_half=False`).
 *
 * @param probabilities `[samples, classes]`
 */
export function brierScore(probabilities: ArrayLike<number>, targets: ArrayLike<number>, classes: number): number {
  let sum = 0;
  for (let at = 0; at < probabilities.length; at++) {
    const wanted = targets[Math.floor(at / classes)] === at % classes ? 1 : 0;
    sum += (probabilities[at]! - wanted) ** 2;
  }
  return sum / targets.length;
}

/** Mean negative logarithm of the probability of the right class; no less than float64 can tell from zero counts (`sklearn.metrics.log_loss`). */
export function logLoss(probabilities: ArrayLike<number>, targets: ArrayLike<number>, classes: number): number {
  let sum = 0;
  for (let sample = 0; sample < targets.length; sample++) {
    sum -= Math.log(Math.max(Number.EPSILON, probabilities[sample * classes + targets[sample]!]!));
  }
  return sum / targets.length;
}
