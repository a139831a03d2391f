import { classMeasures, confusionMatrix } from '../../../metrics/classification';
import { lossMetric, picturesMetric } from '../../../tasks/metrics';
import { meanOfSamples, type Measured } from '../measured';
import type { ClassScores } from './scores';

/**
 * One class a sample.
 *
 * @param names of the classes
 * @param ordered whether they are steps of a scale
 */
export function measuredClasses(scores: ClassScores, names: readonly string[], ordered = false): Measured {
  const { targets, predicted, losses, probabilities, classes } = scores;
  const distances = targets.map((target, place) => Math.abs(target - predicted[place]!));
  const steps = ordered ? { 'mean-steps': [meanOfSamples(distances, 'whole')] } : {};
  return {
    measure(places) {
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
        ...(ordered
          ? { 'mean-steps': at(distances).reduce((sum, each) => sum + each, 0) / Math.max(1, places.length) }
          : {}),
      };
    },
    outcome: (place) => ({
      right: predicted[place] === targets[place],
      score: probabilities[place * classes + targets[place]!] ?? NaN,
      said: names[predicted[place]!] ?? '',
    }),
    means: {
      accuracy: [
        meanOfSamples(
          targets.map((target, place) => (predicted[place] === target ? 1 : 0)),
          'binary',
        ),
      ],
      [lossMetric]: [meanOfSamples(losses, 'continuous')],
      ...steps,
    },
  };
}
