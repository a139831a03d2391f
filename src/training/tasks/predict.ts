import type { Prediction } from '../../protocol/answers';
import type { Run } from '../../runs/types';
import type { Metrics } from '../../tasks/metrics';
import type { FeatureIndex } from '../features/feature-index';
import { calibrationIn, type Calibration } from './classification/calibrated';
import type { ClassificationPart } from './classification/part';
import { orderedProbabilities, scoreClasses } from './classification/scores';
import { sigmoid } from './heads/calibration';
import { headShape, type HeadTask } from './heads/shape';
import { headOutputs, type HeadWeights } from './heads/trained-head';
import { zeroShot } from './heads/zero-shot';
import { numberErrors } from './regression/errors';

/** Weights that are asked about one sample. */
export interface AskedWeights extends HeadWeights {
  readonly features: FeatureIndex;
}

/** A run that says what is asked, and what was measured of the weights that it kept. */
export interface AskedRun {
  readonly run: Pick<Run, 'recipe' | 'labels' | 'scales'>;
  readonly kept: Metrics;
  /** Whether the trained head answers, and not the base model in words. */
  readonly byHead: boolean;
}

/** What there is of the sample. */
export interface AskedSample {
  readonly pixels: Uint8Array | null;
  readonly words: string | null;
}

/** What weights make of one sample. */
export async function predicted(
  weights: AskedWeights,
  { run, kept, byHead }: AskedRun,
  sample: AskedSample,
): Promise<Prediction> {
  const { task } = run.recipe;
  const labels = run.labels ?? [];
  if (task.type === 'regression') {
    const scales = run.scales ?? [];
    const values = byHead
      ? await logitsOf(weights, task, { outputs: scales.length, ordered: false }, sample)
      : scales.map(() => 0);
    const errors = byHead ? numberErrors(kept, scales) : scales.map(({ deviation }) => deviation);
    const numbers = scales.map(({ name, mean, deviation }, index) => ({
      name,
      value: mean + (values[index] ?? 0) * deviation,
      error: errors[index] ?? null,
    }));
    return { classes: [], numbers };
  }
  if (task.type !== 'classification') throw new Error('This run has no head.');
  const found = byHead ? await byTheHead(weights, task, labels, calibrationIn(kept), sample) : null;
  return { numbers: [], classes: found ?? (await inWords(weights, task, labels, sample)) };
}

async function byTheHead(
  weights: AskedWeights,
  task: ClassificationPart,
  labels: readonly string[],
  { temperature, thresholds }: Calibration,
  sample: AskedSample,
): Promise<Prediction['classes']> {
  const ordered = task.labelKind === 'ordered';
  const outputs = ordered ? labels.length - 1 : labels.length;
  const logits = (await logitsOf(weights, task, { outputs, ordered }, sample)).map((logit) => logit / temperature);
  if (task.labelKind !== 'several') {
    const { probabilities, predicted: best } = scoreClasses(logits, [0], labels.length);
    return ordered
      ? listed(labels, orderedProbabilities(logits), logits.filter((logit) => logit > 0).length)
      : listed(labels, probabilities, best[0] ?? 0);
  }
  const each = labels.map((label, index) => {
    const probability = sigmoid(logits[index] ?? NaN);
    const threshold = thresholds?.[index] ?? 0.5;
    return { label, probability, threshold, said: probability >= threshold };
  });
  return each.sort((a, b) => b.probability - a.probability);
}

async function inWords(
  weights: AskedWeights,
  task: ClassificationPart,
  labels: readonly string[],
  { pixels, words }: AskedSample,
): Promise<Prediction['classes']> {
  const { features, use: borrow } = weights;
  const embedder = {
    width: features.width,
    images: () => borrow((encoder) => encoder.images(1, () => Promise.resolve(pixels ?? new Uint8Array()))),
    texts: (sentences: readonly string[]) => features.captions(sentences, borrow),
    logScale: () => features.logLogitScale(borrow),
  };
  const logits = await zeroShot(embedder, {
    classes: labels,
    templates: task.promptTemplate,
    samples: [0],
    pictures: task.input !== 'words' && pixels !== null,
    words: task.input === 'picture' || words === null ? null : [words],
  });
  const { probabilities, predicted: best } = scoreClasses(logits, [0], labels.length);
  return listed(labels, probabilities, best[0] ?? 0);
}

function listed(labels: readonly string[], probabilities: ArrayLike<number>, best: number): Prediction['classes'] {
  return labels
    .map((label, place) => ({
      label,
      probability: probabilities[place] ?? NaN,
      said: place === best,
      threshold: null,
    }))
    .sort((a, b) => b.probability - a.probability);
}

function logitsOf(
  weights: AskedWeights,
  task: HeadTask,
  out: { readonly outputs: number; readonly ordered: boolean },
  { pixels, words }: AskedSample,
): Promise<Float32Array> {
  const shape = headShape(task, weights.model.architecture, out);
  return headOutputs(weights, shape, {
    count: 1,
    pixels: pixels === null ? null : () => Promise.resolve(pixels),
    words: [words],
  });
}
