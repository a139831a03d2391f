import { GraphBuilder } from '../../../engine/graph/builder';
import { StudioError } from '../../../protocol/errors';
import type { WeightDelta } from '../../../runs/weight-set';
import { evaluationRows } from '../../budgets';
import { TextSource } from '../../features/samples';
import type { UseEncoder } from '../../features/encoder-pool';
import type { ModelHandle } from '../../model-handle';
import { onesPart } from './graph';
import { HeadPass, join } from './head-pass';
import type { Head } from './linear-head';
import type { Presence } from './presence';
import { headBias, headWeight, type HeadShape } from './shape';
import { headParts } from './tower-graph';

/** Weights with a head among them. */
export interface HeadWeights {
  readonly model: ModelHandle;
  readonly set: { readonly delta: WeightDelta | null };
  readonly use: UseEncoder;
}

/** Samples of which a head is asked. */
export interface HeadSamples {
  readonly count: number;
  /** The picture of a sample as the model takes it; null where it has none. */
  readonly pixels: ((sample: number) => Promise<Uint8Array> | null) | null;
  /** The words of each; null where there are none. */
  readonly words: readonly (string | null)[] | null;
}

/** Samples whose readings are in memory at once. */
const readAtOnce = 128;

/**
 * What comes out of the trained head for some samples, `[samples, outputs]`.
 *
 * @param between called with the number of samples done; throwing in it ends the work
 * @throws StudioError `no-weights` where the run kept no head
 */
export async function headOutputs(
  weights: HeadWeights,
  shape: HeadShape,
  samples: HeadSamples,
  between: (done: number) => Promise<void> = () => Promise.resolve(),
): Promise<Float32Array> {
  const { model, set, use: borrow } = weights;
  const tensors = new Map(await headTensors(set.delta, shape));
  const texts =
    shape.words === null
      ? null
      : new TextSource(
          model,
          (samples.words ?? []).map((text) => text ?? ''),
        );
  return borrow((encoder) =>
    encoder.withDevice(async ({ executor, lock }) => {
      const store = await lock.run(() => executor.createStore(headParameters(shape), tensors));
      try {
        const pass = await HeadPass.create({ executor, lock, store }, model.architecture, shape, {
          rows: Math.min(evaluationRows, samples.count),
          tokens: texts?.tokens ?? 1,
        });
        try {
          const parts: Float32Array[] = [];
          for (let from = 0; from < samples.count; from += readAtOnce) {
            const count = Math.min(readAtOnce, samples.count - from);
            const chunk = Array.from({ length: count }, (_, index) => from + index);
            const presence = chunk.map((sample) => presenceOf(model, shape, samples, texts, sample));
            const { pixels } = samples;
            const picture =
              shape.picture === null
                ? null
                : await encoder.readPictures(
                    count,
                    (index) => pixels?.(from + index) ?? Promise.resolve(blank(model)),
                    shape.picture.reading,
                    (done) => between(from + done),
                  );
            const words =
              shape.words === null || texts === null
                ? null
                : await encoder.readTexts(texts, chunk, shape.words.reading);
            parts.push((await pass.run({ picture, words }, presence)).logits);
            await between(from + count);
          }
          return join(parts);
        } finally {
          pass.dispose();
        }
      } finally {
        await lock.run(() => {
          store.dispose();
          return Promise.resolve();
        });
      }
    }),
  );
}

/** In the place of a picture that is not there; the head does not read it. */
function blank({ architecture }: ModelHandle): Uint8Array {
  return new Uint8Array(3 * architecture.image.pixels ** 2);
}

function presenceOf(
  { architecture }: ModelHandle,
  shape: HeadShape,
  { pixels, words }: HeadSamples,
  texts: TextSource | null,
  sample: number,
): Presence {
  const reading = shape.picture?.reading;
  const [pictureTokens] = architecture.stageShape('vision', 'features', { batch: 1, reading });
  return {
    picture: pixels?.(sample) !== null && pixels !== null,
    words: (words?.[sample] ?? null) !== null,
    pictureTokens,
    wordTokens: texts?.length(sample) ?? 1,
  };
}

function headParameters(shape: HeadShape) {
  const builder = new GraphBuilder();
  const parts = [...headParts(shape), ...(shape.ordered ? [onesPart(shape)] : [])];
  const values = parts.map(({ name, shape: extents }) => builder.parameter(extents, { name, shape: extents }));
  return builder.build(Object.fromEntries(values.entries())).parameters;
}

/**
 * The tensors of a trained head.
 *
 * @throws StudioError `no-weights` where there is none
 */
async function headTensors(
  delta: WeightDelta | null,
  shape: HeadShape,
): Promise<readonly (readonly [name: string, values: Float32Array])[]> {
  const names = headParts(shape).map(({ name }) => name);
  const kept = new Set(delta?.names);
  if (delta === null || names.some((name) => !kept.has(name))) throw noHead();
  const found = new Map<string, Float32Array>();
  for await (const [name, values] of delta.read(names)) found.set(name, values);
  const ones = onesPart(shape).name;
  if (shape.ordered) found.set(ones, new Float32Array(shape.outputs).fill(1));
  return [...found];
}

/** The last layer alone, which is all that a plain head is. @throws StudioError `no-weights` where there is none */
export async function headOf(delta: WeightDelta | null): Promise<Head> {
  const found = new Map<string, Float32Array>();
  if (delta !== null && delta.names.includes(headWeight) && delta.names.includes(headBias)) {
    for await (const [name, values] of delta.read([headWeight, headBias])) found.set(name, values);
  }
  const [weight, bias] = [found.get(headWeight), found.get(headBias)];
  if (weight === undefined || bias === undefined) throw noHead();
  return { weight, bias };
}

function noHead(): StudioError {
  return new StudioError(
    'no-weights',
    'This run kept no trained head: no step was better than the base model. Choose another run, or train again with “Keep the best weights” off.',
  );
}
