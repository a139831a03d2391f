import { captionKey } from '../../../dataset/caption-groups';
import type { InputData } from '../../../engine/executor';
import { crossEntropy } from '../../../engine/ops/cross-entropy/node';
import { elementLoss } from '../../../engine/ops/element-loss/node';
import { classification } from '../../../tasks/classification';
import { imagesOf } from '../../data/dataset-view';
import { classesIn, type TaughtView } from '../../data/taught-view';
import type { Goal, Judged } from '../heads/goal';
import { zeroShot } from '../heads/zero-shot';
import { calibrateClasses, uncalibrated, type Calibration } from './calibrated';
import { measuredClasses } from './measured';
import { readWords, type ClassificationPart } from './part';
import { chooseShown, guessOf, scoreClasses, scoreOrdered, type ClassScores } from './scores';
import { classWeightsOf } from './weights';

/** Name of the graph's input: i32 `[batch]`, the class of each sample; negative for padding. */
export const targetsInput = 'targets';
/** Of steps of a scale, f32 `[batch, classes - 1]`: whether the class lies above each, and how much that counts. */
const aboveInput = 'above';
export const elementWeightsInput = 'element_weights';
/** f32 `[classes]`, a parameter that is not trained. */
export const classWeightsInput = 'class_weights';

export interface JudgedClasses extends Judged {
  readonly scores: ClassScores;
}

export interface ClassGoalOptions {
  readonly view: TaughtView;
  readonly part: ClassificationPart;
  /** The classes that weights tell apart already; null: those of the view. Samples of others have no place among them. */
  readonly labels: readonly string[] | null;
  /** How logits become probabilities. Null in training, where what would fit is found. */
  readonly calibration: Calibration | null;
}

/** Each sample has one class of several, or one step of a scale. */
export function classGoal({
  view,
  part,
  labels,
  calibration,
}: ClassGoalOptions): Goal<JudgedClasses> & { readonly known: (sample: number) => boolean } {
  const ordered = part.labelKind === 'ordered';
  const own = classesIn(view, ordered ? part.labelOrder : '');
  const classes = labels ?? own.classes;
  const placeOf = new Map(classes.map((label, place) => [captionKey(label), place]));
  const targetOf = (sample: number): number => {
    const place = own.targets[sample]?.[0] ?? -1;
    return labels === null ? place : (placeOf.get(captionKey(own.classes[place] ?? '')) ?? -1);
  };
  const train = imagesOf(view, 'train').map(targetOf);
  const counts = classes.map((_, label) => train.filter((target) => target === label).length);
  const weights = classWeightsOf(counts, part);
  const steps = classes.length - 1;
  const smoothing = part.classLoss === 'focal' ? 0 : part.labelSmoothing;
  const focus = part.classLoss === 'focal' ? part.focus : 0;
  const wordsLogits: Goal['startFrom'] = (embedder, samples) =>
    zeroShot(embedder, { classes, templates: part.promptTemplate, samples, ...readWords(view, part, samples) });
  const judged = (scores: ClassScores, found: Judged['found']): JudgedClasses => ({
    scores,
    measured: measuredClasses(scores, classes, ordered),
    found,
  });
  return {
    description: classification,
    labels: classes,
    scales: null,
    outputs: ordered ? steps : classes.length,
    ordered,
    constants: ordered ? [] : [{ name: classWeightsInput, shape: [classes.length], values: weights }],
    bias: ordered ? startingSteps(counts) : null,
    strata: part.batchOrder === 'stratified' ? view.images.map((_, sample) => targetOf(sample)) : null,
    trivial: classes.length < 2,
    known: (sample) => targetOf(sample) >= 0,

    addLoss(builder, logits, batch) {
      if (ordered) {
        const targets = builder.input(aboveInput, 'f32', [batch, steps]);
        const elements = builder.input(elementWeightsInput, 'f32', [batch, steps]);
        return elementLoss(builder, logits, { targets, weights: elements }, { kind: 'binary', focus });
      }
      const classWeights = builder.parameter([classes.length], { name: classWeightsInput, shape: [classes.length] });
      const targets = builder.input(targetsInput, 'i32', [batch]);
      return crossEntropy(builder, logits, targets, { classWeights, labelSmoothing: smoothing, focus });
    },

    targets(samples): InputData {
      const targets = samples.map((sample) => (sample === null ? -1 : targetOf(sample)));
      if (!ordered) return { [targetsInput]: Int32Array.from(targets) };
      const filled = (of: (target: number, step: number) => number): Float32Array =>
        Float32Array.from({ length: samples.length * steps }, (_, at) =>
          of(targets[Math.floor(at / steps)] ?? -1, at % steps),
        );
      return {
        [aboveInput]: filled((target, step) => Number(target > step)),
        [elementWeightsInput]: filled((target) => (target < 0 ? 0 : (weights[target] ?? 1))),
      };
    },

    startFrom: ordered ? () => Promise.resolve(null) : wordsLogits,

    async base(embedder, samples) {
      const logits = await wordsLogits(embedder, samples);
      if (logits === null) throw new Error('The base model says nothing in words.');
      return judged(scoreClasses(logits, samples.map(targetOf), classes.length), {});
    },

    judge(logits, samples) {
      const targets = samples.map(targetOf);
      const { temperature } = calibration ?? uncalibrated;
      const scores = (ordered ? scoreOrdered : scoreClasses)(logits, targets, classes.length, temperature);
      const found = calibration === null ? calibrateClasses(logits, targets, classes.length, ordered) : {};
      return judged(scores, found);
    },

    shown: ({ scores }) => chooseShown(scores),

    predictions: (shown, samples, base, now) =>
      shown.map((place) => ({
        imageId: view.images[samples[place] ?? -1]?.id ?? '',
        label: classes[base.scores.targets[place] ?? -1] ?? '',
        base: guessOf(base.scores, place, classes),
        tuned: guessOf(now.scores, place, classes),
      })),
  };
}

/** The logits of a class lying above each step, as often as it does among the training samples. */
function startingSteps(counts: readonly number[]): Float32Array {
  const total = counts.reduce((sum, count) => sum + count, 0);
  let below = 0;
  return Float32Array.from(counts.slice(0, -1), (count) => {
    below += count;
    return Math.log((total - below + 1) / (below + 1));
  });
}
