import type { InputData } from '../../../engine/executor';
import { elementLoss } from '../../../engine/ops/element-loss/node';
import type { Recipe } from '../../../recipe/schema';
import type { Scale } from '../../../runs/types';
import { regression } from '../../../tasks/regression';
import { imagesOf } from '../../data/dataset-view';
import type { TaughtView } from '../../data/taught-view';
import type { Goal, Judged } from '../heads/goal';
import { errorMetrics } from './errors';
import { measuredNumbers, type NumberScores } from './measured';

export type RegressionPart = Extract<Recipe['task'], { type: 'regression' }>;

/** Inputs, f32 `[batch, numbers]`: what is wanted, in standard deviations, and how much it counts. */
const numbersInput = 'numbers';
const numberWeightsInput = 'number_weights';

export interface JudgedNumbers extends Judged {
  readonly scores: NumberScores;
}

export interface NumberGoalOptions {
  readonly view: TaughtView;
  readonly part: RegressionPart;
  /** By what the numbers of weights are measured; null in training, where the training samples say it. */
  readonly scales: readonly Scale[] | null;
}

/** One number of each sample, or several. */
export function numberGoal({
  view,
  part,
  scales: given,
}: NumberGoalOptions): Goal<JudgedNumbers> & { readonly known: (sample: number) => boolean } {
  const scales = given ?? scalesOf(view);
  const count = scales.length;
  // The columns of now in the order of those that were trained on.
  const columnOf = scales.map(({ name }) => view.columns.indexOf(name));
  const wantedOf = (sample: number): readonly number[] =>
    columnOf.map((column) => view.numbers[sample]?.[column] ?? NaN);
  const judged = (values: Float64Array, samples: readonly number[]): JudgedNumbers => {
    const wanted = Float64Array.from(samples.flatMap(wantedOf));
    const scores = { values, wanted, scales };
    return { scores, measured: measuredNumbers(scores), found: errorMetrics(values, wanted, count) };
  };
  return {
    description: regression,
    labels: scales.map(({ name }) => name),
    scales,
    outputs: count,
    ordered: false,
    constants: [],
    bias: null,
    strata: null,
    trivial: false,
    known: (sample) => wantedOf(sample).some((value) => !Number.isNaN(value)),

    addLoss(builder, logits, batch) {
      const input = (name: string) => builder.input(name, 'f32', [batch, count]);
      const values = { targets: input(numbersInput), weights: input(numberWeightsInput) };
      const { numberLoss, huberDelta: delta } = part;
      return elementLoss(
        builder,
        logits,
        values,
        numberLoss === 'huber' ? { kind: 'huber', delta } : { kind: 'squared' },
      );
    },

    targets(samples): InputData {
      const wanted = samples.flatMap((sample) => (sample === null ? scales.map(() => NaN) : wantedOf(sample)));
      return {
        [numbersInput]: Float32Array.from(wanted, (value, at) =>
          Number.isNaN(value) ? 0 : (value - scales[at % count]!.mean) / scales[at % count]!.deviation,
        ),
        [numberWeightsInput]: Float32Array.from(wanted, (value) => (Number.isNaN(value) ? 0 : 1)),
      };
    },

    startFrom: () => Promise.resolve(null),

    // No model knows numbers in words: whoever says the mean of the training samples each time is what there is to beat.
    base: (_, samples) =>
      Promise.resolve(judged(Float64Array.from(samples.flatMap(() => scales.map(({ mean }) => mean))), samples)),

    judge: (logits, samples) =>
      judged(
        Float64Array.from(logits, (value, at) => scales[at % count]!.mean + value * scales[at % count]!.deviation),
        samples,
      ),

    shown: ({ scores }) => spreadByValue(scores),

    predictions: (shown, samples, base, now) =>
      shown.map((place) => ({
        imageId: view.images[samples[place] ?? -1]?.id ?? '',
        numbers: scales.map(({ name }, index) => ({
          name,
          wanted: orNull(base.scores.wanted[place * count + index]),
          base: base.scores.values[place * count + index] ?? 0,
          tuned: now.scores.values[place * count + index] ?? 0,
        })),
      })),
  };
}

function orNull(value = NaN): number | null {
  return Number.isNaN(value) ? null : value;
}

/** Mean and standard deviation of the training samples; a column that never changes has the deviation 1. */
function scalesOf(view: TaughtView): readonly Scale[] {
  const train = imagesOf(view, 'train');
  return view.columns.map((name, column) => {
    const values = train.map((sample) => view.numbers[sample]?.[column] ?? NaN).filter((value) => !Number.isNaN(value));
    const mean = values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length);
    return { name, mean, deviation: variance > 0 ? Math.sqrt(variance) : 1 };
  });
}

/** Samples that are shown at every evaluation. */
const watched = 8;

/** Places spread over the range of the first number. */
function spreadByValue({ wanted, scales }: NumberScores): readonly number[] {
  const count = scales.length;
  const places = Array.from({ length: wanted.length / count }, (_, place) => place)
    .filter((place) => !Number.isNaN(wanted[place * count] ?? NaN))
    .sort((a, b) => wanted[a * count]! - wanted[b * count]!);
  if (places.length <= watched) return places;
  return Array.from({ length: watched }, (_, i) => places[Math.round((i * (places.length - 1)) / (watched - 1))] ?? 0);
}
