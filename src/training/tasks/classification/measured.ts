import { calibrationBins, expectedCalibrationError } from '../../../metrics/calibration';
import { classMeasures, confusionMatrix } from '../../../metrics/classification';
import { lossMetric, picturesMetric } from '../../../tasks/metrics';
import { meanOfSamples, type Measured } from '../measured';
import { rankedBy, rankingMetrics } from './rankings';
import type { ClassScores } from './scores';

/**
 * One class a sample.
 *
 * @param labels names of the classes
 * @param ordered whether they are steps of a scale
 */
export function measuredClasses(scores: ClassScores, labels: readonly string[], ordered = false): Measured {
  const { targets, predicted, confidence, losses, probabilities, classes } = scores;
  const distances = targets.map((target, place) => Math.abs(target - predicted[place]!));
  const steps = ordered ? { 'mean-steps': [meanOfSamples(distances, 'whole')] } : {};
  const right = Uint8Array.from(targets, (target, place) => (predicted[place] === target ? 1 : 0));
  const ranked = rankedBy(probabilities, classes, (place, index) => targets[place] === index);
  return {
    measure(places, names) {
      const at = (values: ArrayLike<number>): readonly number[] => places.map((place) => values[place]!);
      const measures = classMeasures(confusionMatrix(classes, at(targets), at(predicted)));
      return {
        [lossMetric]: at(losses).reduce((sum, loss) => sum + loss, 0) / Math.max(1, places.length),
        [picturesMetric]: places.length,
        classes,
        accuracy: measures.accuracy,
        'balanced-accuracy': measures.balancedAccuracy,
        'macro-precision': measures.macro.precision,
        'macro-recall': measures.macro.recall,
        'macro-f1': measures.macro.f1,
        'weighted-f1': measures.weighted.f1,
        ...rankingMetrics(ranked, places, names),
        'calibration-error': expectedCalibrationError(calibrationBins(at(confidence), at(right))),
        ...(ordered
          ? { 'mean-steps': at(distances).reduce((sum, each) => sum + each, 0) / Math.max(1, places.length) }
          : {}),
      };
    },
    outcome: (place) => ({
      right: predicted[place] === targets[place],
      score: probabilities[place * classes + targets[place]!] ?? NaN,
      said: labels[predicted[place]!] ?? '',
    }),
    means: {
      accuracy: [meanOfSamples(right, 'binary')],
      [lossMetric]: [meanOfSamples(losses, 'continuous')],
      ...steps,
    },
  };
}
