import type { InputData } from '../src/engine/executor';
import { modelTensors } from '../src/model/architecture';
import type { ClipConfig } from '../src/model/families/clip/config';
import { clipArchitecture } from '../src/model/families/clip/family';
import { modelInputs } from '../src/model/families/family';
import type { TowerConfig } from '../src/model/families/transformer/config';
import { pairInputs } from '../src/model/pair-graph';
import type { PixelNormalization } from '../src/engine/ops/patchify/node';

/**
 * What the benchmarks run on: models of known sizes with weights and batches made from a seed, so that two runs, and both sides of a comparison,
 * compute the same.
 */

export type ModelName = 'small' | 'b32' | 'b16' | 'l14-336';

const blocks = { activation: 'quick_gelu', layerNormEpsilon: 1e-5, attentionDropout: 0 } as const;
const small: TowerConfig = { ...blocks, hiddenSize: 192, intermediateSize: 768, layers: 4, heads: 3 };

const b32: ClipConfig = {
  vision: {
    ...blocks,
    hiddenSize: 768,
    intermediateSize: 3072,
    layers: 12,
    heads: 12,
    imageSize: 224,
    patchSize: 32,
  },
  text: {
    ...blocks,
    hiddenSize: 512,
    intermediateSize: 2048,
    layers: 12,
    heads: 8,
    vocabularySize: 49408,
    maxPositions: 77,
    endOfTextId: 49407,
  },
  projectionSize: 512,
};

/**
 * The models of the benchmarks: `small` has 4.4 million parameters, `b32` and `b16` are CLIP ViT-B/32 and ViT-B/16 (197 image tokens), and
 * `l14-336` is ViT-L/14 at 336 pixels (577 image tokens).
 */
export const benchModels: Readonly<Record<ModelName, ClipConfig>> = {
  small: {
    vision: { ...small, imageSize: 64, patchSize: 8 },
    text: { ...small, vocabularySize: 4096, maxPositions: 24, endOfTextId: 4095 },
    projectionSize: 128,
  },
  b32,
  b16: { ...b32, vision: { ...b32.vision, patchSize: 16 } },
  'l14-336': {
    vision: {
      ...b32.vision,
      hiddenSize: 1024,
      intermediateSize: 4096,
      layers: 24,
      heads: 16,
      imageSize: 336,
      patchSize: 14,
    },
    text: { ...b32.text, hiddenSize: 768, intermediateSize: 3072, heads: 12 },
    projectionSize: 768,
  },
};

export const usualNormalization: PixelNormalization = {
  mean: [0.48145466, 0.4578275, 0.40821073],
  std: [0.26862954, 0.26130258, 0.27577711],
};

/** Repeatable numbers, uniform in [0, 1). */
function* uniform(seed: number): Generator<number, never> {
  let state = seed >>> 0;
  for (;;) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    yield state / 2 ** 32;
  }
}

/** Weights as a fresh CLIP has them, near enough: norms at one, biases at zero, the rest uniform with the usual spread. */
export function freshWeights(config: ClipConfig, seed: number): Map<string, Float32Array> {
  const numbers = uniform(seed);
  const weights = new Map<string, Float32Array>();
  for (const { name, shape } of modelTensors(clipArchitecture(config))) {
    const values = new Float32Array(shape.reduce((count, extent) => count * extent, 1));
    if (name === 'logit_scale') values.fill(Math.log(1 / 0.07));
    else if (/norm.*weight$/.test(name)) values.fill(1);
    else if (!name.endsWith('bias')) {
      const spread = shape.length === 2 && !name.includes('embedding') ? (3 / (shape[1] ?? 1)) ** 0.5 : 0.035;
      for (let i = 0; i < values.length; i++) values[i] = (2 * numbers.next().value - 1) * spread;
    }
    weights.set(name, values);
  }
  return weights;
}

export interface Batch {
  readonly size: number;
  /** `[size, side, side, 3]` */
  readonly pixels: Uint8Array;
  /** `[size, tokens]` */
  readonly ids: Int32Array;
  /** Place of the end-of-text token of each caption. */
  readonly ends: Int32Array;
  /** The inputs of a training graph that starts at the bottom of both towers. */
  readonly inputs: InputData;
}

/** A batch of random pictures and captions, all different. */
export function randomBatch(config: ClipConfig, size: number, seed: number): Batch {
  const numbers = uniform(seed);
  const below = (limit: number): number => Math.floor(numbers.next().value * limit);
  const { image } = clipArchitecture(config);
  const pixels = Uint8Array.from({ length: size * image.pixels ** 2 * 3 }, () => below(256));
  const { maxPositions: tokens, endOfTextId } = config.text;
  const ids = new Int32Array(size * tokens).fill(endOfTextId);
  const ends = new Int32Array(size);
  for (let row = 0; row < size; row++) {
    const end = 4 + below(tokens - 5);
    for (let token = 0; token < end; token++) ids[row * tokens + token] = below(endOfTextId);
    ends[row] = end;
  }
  const keys = Int32Array.from({ length: size }, (_, index) => index);
  return {
    size,
    pixels,
    ids,
    ends,
    inputs: {
      [modelInputs.pixels]: pixels,
      [modelInputs.inputIds]: ids,
      [modelInputs.poolIndex]: ends,
      [pairInputs.imageKeys]: keys,
      [pairInputs.textKeys]: keys,
    },
  };
}
