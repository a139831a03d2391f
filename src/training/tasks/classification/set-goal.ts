import type { InputData } from '../../../engine/executor';
import { elementLoss } from '../../../engine/ops/element-loss/node';
import { captionKey } from '../../../dataset/caption-groups';
import { classification } from '../../../tasks/classification';
import { imagesOf } from '../../data/dataset-view';
import { classesIn } from '../../data/taught-view';
import type { Goal, Judged } from '../heads/goal';
import { zeroShot } from '../heads/zero-shot';
import { calibrateLabels, uncalibrated } from './calibrated';
import { elementWeightsInput, type ClassGoalOptions } from './class-goal';
import { measuredLabels } from './measured-labels';
import { readWords } from './part';
import { scoreClasses, spreadOver } from './scores';
import { scoreLabels, type LabelScores } from './label-scores';
import { positiveWeightsOf } from './weights';

/** f32 `[batch, labels]`: 1 for the labels of each sample. */
const labelsInput = 'labels';
/** f32 `[labels]`, a parameter that is not trained. */
const positiveWeightsInput = 'positive_weights';

export interface JudgedLabels extends Judged {
  readonly scores: LabelScores;
}

/** Each sample has some of several labels, and each label is judged by itself. */
export function setGoal({
  view,
  part,
  labels,
  calibration,
}: ClassGoalOptions): Goal<JudgedLabels> & { readonly known: (sample: number) => boolean } {
  const own = classesIn(view);
  const names = labels ?? own.classes;
  const placeOf = new Map(names.map((label, place) => [captionKey(label), place]));
  const count = names.length;
  const placesOf = (sample: number): readonly number[] =>
    (view.labels[sample] ?? []).flatMap((label) => placeOf.get(captionKey(label)) ?? []);
  const wantedOf = (samples: readonly number[]): Uint8Array => {
    const wanted = new Uint8Array(samples.length * count);
    samples.forEach((sample, row) => placesOf(sample).forEach((label) => (wanted[row * count + label] = 1)));
    return wanted;
  };
  const train = imagesOf(view, 'train');
  const counts = new Array<number>(count).fill(0);
  for (const sample of train) for (const label of placesOf(sample)) counts[label]!++;
  const shape = [count];
  return {
    description: classification,
    labels: names,
    scales: null,
    outputs: count,
    ordered: false,
    constants: [{ name: positiveWeightsInput, shape, values: positiveWeightsOf(counts, train.length, part) }],
    // As often as a label occurs; else training begins with learning that most labels are rare.
    bias: Float32Array.from(counts, (each) => Math.log((each + 1) / (train.length - each + 1))),
    strata: null,
    trivial: false,
    known: (sample) => placesOf(sample).length > 0,

    addLoss(builder, logits, batch) {
      const input = (name: string) => builder.input(name, 'f32', [batch, count]);
      const positiveWeights = builder.parameter(shape, { name: positiveWeightsInput, shape });
      const values = { targets: input(labelsInput), weights: input(elementWeightsInput), positiveWeights };
      const focus = part.classLoss === 'focal' ? part.focus : 0;
      return elementLoss(builder, logits, values, { kind: 'binary', focus });
    },

    targets(samples): InputData {
      const weights = new Float32Array(samples.length * count);
      samples.forEach((sample, row) => weights.fill(sample === null ? 0 : 1, row * count, (row + 1) * count));
      return {
        [labelsInput]: Float32Array.from(wantedOf(samples.map((sample) => sample ?? -1))),
        [elementWeightsInput]: weights,
      };
    },

    startFrom: () => Promise.resolve(null),

    async base(embedder, samples) {
      const question = { classes: names, templates: part.promptTemplate, samples, ...readWords(view, part, samples) };
      const { probabilities } = scoreClasses(
        await zeroShot(embedder, question),
        samples.map(() => 0),
        count,
      );
      // Labels compete in words: what gets more than its even share is said.
      const thresholds = new Array<number>(count).fill(1 / count);
      const scores = scoreLabels(probabilities, wantedOf(samples), thresholds);
      return { scores, measured: measuredLabels(scores, names), found: {} };
    },

    judge(logits, samples) {
      const { temperature, thresholds } = calibration ?? uncalibrated;
      const wanted = wantedOf(samples);
      const probabilities = Float64Array.from(logits, (logit) => 1 / (1 + Math.exp(-logit / temperature)));
      const scores = scoreLabels(probabilities, wanted, thresholds ?? new Array<number>(count).fill(0.5));
      const found = calibration === null ? calibrateLabels(logits, wanted, count) : {};
      return { scores, measured: measuredLabels(scores, names), found };
    },

    shown: ({ scores }) => spreadOver(scores.exact),

    predictions: (shown, samples, base, now) =>
      shown.map((place) => ({
        imageId: view.images[samples[place] ?? -1]?.id ?? '',
        label: saidOf(base.scores.wanted, place, names),
        base: guess(base.scores, place, names),
        tuned: guess(now.scores, place, names),
      })),
  };
}

/** The labels that a sample has, or is said to have, in words. */
function saidOf(values: ArrayLike<number>, place: number, names: readonly string[]): string {
  const said = names.filter((_, label) => values[place * names.length + label] === 1);
  return said.length === 0 ? 'none' : said.join(', ');
}

/** What a sample was said to have, with the probability that all of it is so, label by label. */
function guess({ said, probabilities }: LabelScores, place: number, names: readonly string[]) {
  let probability = 1;
  for (let at = place * names.length; at < (place + 1) * names.length; at++) {
    probability *= said[at] === 1 ? probabilities[at]! : 1 - probabilities[at]!;
  }
  return { label: saidOf(said, place, names), probability };
}
