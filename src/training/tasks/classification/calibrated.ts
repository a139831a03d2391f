import { calibrationBins, expectedCalibrationError } from '../../../metrics/calibration';
import type { Metrics } from '../../../tasks/metrics';
import { bestTemperature, bestThreshold, sigmoid } from '../heads/calibration';
import { scoreClasses, scoreOrdered, type ClassScores } from './scores';

/** What was chosen on validation samples for the weights of a step; it stands among the metrics of that step, under these names. */
export interface Calibration {
  readonly temperature: number;
  /** From which probability on each label is said, where samples may have several; of two classes, the second alone. Null where there are none. */
  readonly thresholds: readonly number[] | null;
}

export const uncalibrated: Calibration = { temperature: 1, thresholds: null };

const names = { temperature: 'temperature', before: 'ece.before', after: 'ece.after' } as const;
const thresholdName = (label: number): string => `threshold.${label}`;

/** The calibration among the metrics of an evaluation; none where it has none. */
export function calibrationIn(metrics: Metrics): Calibration {
  const thresholds: number[] = [];
  for (let at = metrics[thresholdName(0)]; at !== undefined; at = metrics[thresholdName(thresholds.length)]) {
    thresholds.push(at);
  }
  return {
    temperature: metrics[names.temperature] ?? 1,
    thresholds: thresholds.length === 0 ? null : thresholds,
  };
}

function found(temperature: number, before: number, after: number, thresholds: readonly number[]): Metrics {
  return {
    [names.temperature]: temperature,
    [names.before]: before,
    [names.after]: after,
    ...Object.fromEntries(thresholds.map((threshold, label) => [thresholdName(label), threshold])),
  };
}

/** The calibration of logits of samples that have one class each, `[samples, classes]`, or of steps of a scale, `[samples, classes - 1]`. */
export function calibrateClasses(
  logits: Float32Array,
  targets: readonly number[],
  classes: number,
  ordered: boolean,
): Metrics {
  if (targets.length === 0) return {};
  const scored = (temperature: number): ClassScores =>
    (ordered ? scoreOrdered : scoreClasses)(logits, targets, classes, temperature);
  const meanLoss = ({ losses }: ClassScores): number => losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
  const temperature = bestTemperature((each) => meanLoss(scored(each)));
  const error = ({ confidence, predicted }: ClassScores): number =>
    expectedCalibrationError(
      calibrationBins(
        confidence,
        targets.map((target, place) => Number(predicted[place] === target)),
      ),
    );
  const [before, after] = [scored(1), scored(temperature)];
  const second = targets.map((_, place) => after.probabilities[place * classes + 1] ?? 0);
  const thresholds =
    classes !== 2
      ? []
      : [
          bestThreshold(
            second,
            targets.map((target) => target === 1),
          ),
        ];
  return found(temperature, error(before), error(after), thresholds);
}

/** The calibration of logits `[samples, labels]` of which each says by itself whether a sample has a label. @param wanted 0 or 1, like the logits */
export function calibrateLabels(logits: Float32Array, wanted: Uint8Array, labels: number): Metrics {
  if (logits.length === 0) return {};
  const probabilities = (temperature: number): Float64Array =>
    Float64Array.from(logits, (logit) => sigmoid(logit / temperature));
  const loss = (temperature: number): number =>
    probabilities(temperature).reduce(
      (sum, p, index) => sum - Math.log(Math.max(1e-12, wanted[index] === 1 ? p : 1 - p)),
      0,
    ) / logits.length;
  const temperature = bestTemperature(loss);
  const after = probabilities(temperature);
  const error = (all: Float64Array): number => expectedCalibrationError(calibrationBins(all, wanted));
  const thresholds = Array.from({ length: labels }, (_, label) => {
    const own = (values: ArrayLike<number>): number[] =>
      Array.from({ length: values.length / labels }, (__, sample) => values[sample * labels + label]!);
    return bestThreshold(
      own(after),
      own(wanted).map((value) => value === 1),
    );
  });
  return found(temperature, error(probabilities(1)), error(after), thresholds);
}
