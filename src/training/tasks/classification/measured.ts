import { calibrationBins, expectedCalibrationError } from '../../../metrics/calibration';
import { classMeasures, confusionMatrix } from '../../../metrics/classification';
import { auroc, averagePrecision, macroOverClasses } from '../../../metrics/ranking';
import { descending } from '../../../metrics/ranks';
import { lossMetric, picturesMetric, type Metrics } from '../../../tasks/metrics';
import { meanOfSamples, type Measured } from '../measured';
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
  const ranked = Array.from({ length: classes }, (_, index) => {
    const own = Float64Array.from(targets, (__, place) => probabilities[place * classes + index]!);
    return {
      scores: own,
      right: Uint8Array.from(targets, (target) => (target === index ? 1 : 0)),
      order: descending(own),
    };
  });
  const rankings = (places: readonly number[], names: readonly string[] | undefined): Metrics => {
    const weights = new Float64Array(targets.length);
    for (const place of places) weights[place]!++;
    const measures = { auroc, 'average-precision': averagePrecision };
    return Object.fromEntries(
      Object.entries(measures).flatMap(([name, measure]) => {
        if (names?.includes(name) === false) return [];
        const value = macroOverClasses(classes, (index) => measure({ ...ranked[index]!, weights }));
        return Number.isFinite(value) ? [[name, value] as const] : [];
      }),
    );
  };
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
        ...rankings(places, names),
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
