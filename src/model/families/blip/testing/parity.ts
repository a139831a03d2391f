import { expect } from 'vitest';
import { plainSgd, type Executor, type OptimizerOptions, type TrainerOptions } from '../../../../engine/executor';
import { decodeArray, decodeTensor, type StoredTensor } from '../../../../engine/fixtures/load';
import { differentiate } from '../../../../engine/graph/differentiate';
import type { PixelNormalization } from '../../../../engine/ops/patchify/node';
import { generatorOf, modelParameters, modelTensors, noDecayNames, trainableValues } from '../../../architecture';
import { logitsOutput, wordLossGraph, type WordLossOptions } from '../../../generator-graph';
import { lossOutput } from '../../../pair-graph';
import { decoderTokens, forcedWords, questionInputs, type LabelConvention } from '../../../teacher-forcing';
import { openArchitecture } from '../..';
import { modelInputs, type GeneratorArchitecture } from '../../family';
import captions from '../fixtures/captions.json';
import questions from '../fixtures/questions.json';

/** A tiny BLIP that Transformers computed, as `reference/fixtures/blip.py` stores it. */
export interface StoredBlip {
  readonly config: unknown;
  readonly normalization: unknown;
  readonly weights: Readonly<Record<string, StoredTensor>>;
  readonly pixels: StoredTensor;
  readonly words: StoredTensor;
  readonly questions: StoredTensor;
  readonly cases: readonly StoredCase[];
  readonly steps: {
    readonly pixels: StoredTensor;
    readonly words: StoredTensor;
    readonly questions: StoredTensor;
    readonly curves: Readonly<Record<string, StoredCurve>>;
  };
}

interface StoredCase {
  readonly labels: string;
  readonly promptTokens: number;
  readonly labelSmoothing: number;
  readonly weights?: StoredTensor;
  readonly loss: number;
  readonly logits: StoredTensor;
  readonly gradients: Readonly<Record<string, StoredTensor>>;
}

interface StoredCurve {
  readonly options: {
    readonly learningRate: number;
    readonly weightDecay: number;
    readonly maxGradNorm: number | null;
  };
  readonly losses: readonly number[];
  readonly gradNorms: readonly number[];
  readonly after: Readonly<Record<string, StoredTensor>>;
}

export const storedBlips: Readonly<Record<string, StoredBlip>> = { captions, questions };

/** Kinds of optimizer whose twenty steps a fixture holds. */
export const blipOptimizers = ['adamw', 'adam', 'sgd'] as const;

/** Weights by name. */
export function blipWeights(stored: Readonly<Record<string, StoredTensor>>): ReadonlyMap<string, Float32Array> {
  return new Map(Object.entries(stored).map(([name, value]) => [name, decodeArray(value).data]));
}

/** The sequences of a padded batch, as a tokenizer gives them. */
export function unpadded(stored: StoredTensor, pad: number): readonly (readonly number[])[] {
  const { data, shape } = decodeTensor(stored);
  const length = shape.at(-1) ?? 1;
  return Array.from({ length: data.length / length }, (_, row) =>
    [...data.subarray(row * length, (row + 1) * length)].filter((id) => id !== pad),
  );
}

/** Cuts pictures of the configured size to the part that whole patches cover. */
export function coveredPixels({ image }: GeneratorArchitecture, stored: StoredTensor): Uint8Array {
  const pixels = decodeTensor(stored).data as Uint8Array;
  const { side, pixels: covered } = image;
  const images = pixels.length / (3 * side * side);
  const result = new Uint8Array(images * covered * covered * 3);
  for (let line = 0; line < images * covered; line++) {
    const from = (Math.floor(line / covered) * side + (line % covered)) * side * 3;
    result.set(pixels.subarray(from, from + covered * 3), line * covered * 3);
  }
  return result;
}

interface Batch {
  readonly pixels: Uint8Array;
  readonly words: readonly (readonly number[])[];
  readonly questions: readonly (readonly number[])[];
}

interface Fixture {
  readonly architecture: GeneratorArchitecture;
  readonly weights: ReadonlyMap<string, Float32Array>;
  readonly batch: Batch;
  readonly options: WordLossOptions & { readonly tokens: number };
  readonly inputs: (
    batch: Batch,
    labels: LabelConvention,
    more?: { promptTokens?: number; weights?: ArrayLike<number> },
  ) => Record<string, Uint8Array | Int32Array | Float32Array>;
}

export function blipFixture(stored: StoredBlip): Fixture {
  const architecture = generatorOf(openArchitecture(stored.config));
  const { pad } = architecture.special;
  const answers = architecture.tasks.includes('answering');
  const batch: Batch = {
    pixels: coveredPixels(architecture, stored.pixels),
    words: unpadded(stored.words, pad),
    questions: unpadded(stored.questions, pad),
  };
  const tokens = decoderTokens(stored.words.shape[1] ?? 0);
  const questionTokens = stored.questions.shape[1] ?? 0;
  return {
    architecture,
    weights: blipWeights(stored.weights),
    batch,
    options: {
      batch: batch.words.length,
      tokens,
      normalization: stored.normalization as PixelNormalization,
      ...(answers && { questionTokens }),
    },
    inputs: ({ pixels, words, questions: asked }, labels, more = {}) => ({
      [modelInputs.pixels]: pixels,
      ...forcedWords(architecture, words, { labels, tokens, ...more }),
      ...(answers && questionInputs(architecture, asked, { labels, tokens: questionTokens })),
    }),
  };
}

/** Logits and loss within 1e-4, every gradient within 1e-3 of the largest magnitude in its tensor, with every way of labels. */
export async function checkBlip(executor: Executor, stored: StoredBlip): Promise<void> {
  const { architecture, weights, batch, options, inputs } = blipFixture(stored);
  const store = await executor.createStore(modelParameters(architecture), weights);
  for (const { labels, promptTokens, labelSmoothing, weights: counted, loss, logits, gradients } of stored.cases) {
    const title = `${labels}, prompt of ${promptTokens}`;
    const rowWeights = counted && decodeArray(counted).data.map((weight) => weight / batch.words.length);
    const graph = wordLossGraph(architecture, {
      ...options,
      labelSmoothing,
      reduction: rowWeights === undefined ? 'mean' : 'sum',
    });
    const given = inputs(batch, labels as LabelConvention, {
      promptTokens,
      ...(rowWeights && { weights: rowWeights }),
    });
    const forward = await executor.compile(graph, store);
    const found = await forward.run(given);
    forward.dispose();
    expect(Math.abs((found[lossOutput]?.[0] ?? NaN) - loss), title).toBeLessThan(1e-4);
    expectRows(found[logitsOutput], decodeArray(logits).data, batch, architecture.text.vocabulary, labels);

    const names = new Set(modelTensors(architecture).map(({ name }) => name));
    const program = differentiate(graph, graph.outputs[lossOutput] ?? -1, trainableValues(graph, names));
    const trainer = await executor.compileTraining(program, store, plainSgd);
    const result = await trainer.gradients(given, 1);
    trainer.dispose();
    expect(Math.abs(result.loss - loss), title).toBeLessThan(1e-4);
    expect(new Set(result.gradients.keys())).toEqual(new Set(Object.keys(gradients)));
    for (const [name, value] of Object.entries(gradients)) {
      const { data } = decodeArray(value);
      // The gradient of a key bias is zero but for rounding: softmax does not see a shift of all scores.
      const scale = Math.max(1e-3, ...data.map(Math.abs));
      expectClose(result.gradients.get(name), data, 1e-3 * scale, `${title}: gradient of ${name}`);
    }
  }
  store.dispose();
}

/** Twenty steps on one curve with PyTorch: losses and gradient norms within 1e-3, and the weights at the end. */
export async function checkBlipCurve(
  executor: Executor,
  stored: StoredBlip,
  optimizer: (typeof blipOptimizers)[number],
): Promise<void> {
  const { architecture, weights, options, inputs } = blipFixture(stored);
  const { steps } = stored;
  const curve = steps.curves[optimizer];
  if (curve === undefined) throw new Error(`The fixture has no curve of ${optimizer}.`);
  const store = await executor.createStore(modelParameters(architecture), weights);
  const graph = wordLossGraph(architecture, { ...options, labelSmoothing: 0.1 });
  const names = new Set(modelTensors(architecture).map(({ name }) => name));
  const program = differentiate(graph, graph.outputs[lossOutput] ?? -1, trainableValues(graph, names));
  const trainerOptions: TrainerOptions = {
    optimizer: curve.options as unknown as OptimizerOptions,
    weightDecay: curve.options.weightDecay,
    maxGradNorm: curve.options.maxGradNorm,
    groups: [{ names: noDecayNames(architecture), weightDecay: 0 }],
  };
  const trainer = await executor.compileTraining(program, store, trainerOptions);
  const { pad } = architecture.special;
  const pixels = coveredPixels(architecture, steps.pixels);
  const [words, questions] = [unpadded(steps.words, pad), unpadded(steps.questions, pad)];
  const [batches = 1, rows = 0] = steps.words.shape;
  for (let step = 1; step <= curve.losses.length; step++) {
    const at = (step - 1) % batches;
    const cut = <T>(all: readonly T[]): readonly T[] => all.slice(at * rows, (at + 1) * rows);
    const size = pixels.length / batches;
    const batch = { pixels: pixels.slice(at * size, (at + 1) * size), words: cut(words), questions: cut(questions) };
    const learningRate = curve.options.learningRate * Math.min(1, step / 5);
    await trainer.step(inputs(batch, 'lavis'), { step, learningRate, seed: step });
  }
  const readings = await trainer.readings(true);
  expect(readings).toHaveLength(curve.losses.length);
  readings.forEach(({ step, loss, gradNorm }, index) => {
    expect(Math.abs(loss - (curve.losses[index] ?? NaN)), `loss of step ${step}`).toBeLessThan(1e-3);
    const norm = curve.gradNorms[index] ?? NaN;
    expect(Math.abs(gradNorm - norm) / norm, `gradient norm of step ${step}`).toBeLessThan(1e-3);
  });
  const after = await store.read(Object.keys(curve.after));
  trainer.dispose();
  store.dispose();
  for (const [name, value] of Object.entries(curve.after)) {
    expectClose(after.get(name), decodeArray(value).data, 1e-3, `${name} after the last step`);
  }
}

/** Compares the logits that are not those of padding, of which Transformers and the graph each make their own. */
function expectRows(
  found: Float32Array | undefined,
  expected: Float32Array,
  { words }: Batch,
  vocabulary: number,
  labels: string,
): void {
  const tokens = expected.length / vocabulary / words.length;
  words.forEach((sequence, row) => {
    const counted = labels === 'transformers' ? tokens : decoderTokens(sequence.length);
    const [from, to] = [row * tokens * vocabulary, (row * tokens + counted) * vocabulary];
    expectClose(found?.subarray(from, to), expected.subarray(from, to), 1e-4, `${labels}: logits of row ${row}`);
  });
}

function expectClose(
  actual: Float32Array | undefined,
  expected: ArrayLike<number>,
  tolerance: number,
  what: string,
): void {
  expect(actual?.length, what).toBe(expected.length);
  let difference = 0;
  actual?.forEach((value, index) => (difference = Math.max(difference, Math.abs(value - (expected[index] ?? NaN)))));
  expect(difference, what).toBeLessThan(tolerance);
}
