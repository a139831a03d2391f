import { attentionBackward, attentionForward } from './ops/attention/kernels';
import type { AttentionShape, AttentionVariant } from './ops/attention/problem';
import { contrastivePairGradients, contrastiveStatistics } from './ops/contrastive-loss/kernels';
import { pairBackward, pairSimilarities } from './ops/contrastive-loss/pairs';
import { finishStep, readingWords, squaredSums, squaredSumsCount } from './kernels/gradient-norm';
import {
  layerNormBackwardInput,
  layerNormBackwardParameters,
  layerNormForward,
  layerNormSlices,
} from './ops/layer-norm/kernels';
import { linearBackwardInput, linearBackwardWeight, linearForward, type LinearPass } from './ops/linear/kernels';
import { linearGradientReference, linearReference } from './ops/linear/reference';
import type { MatmulVariant } from './ops/linear/matmul-problem';
import { optimizerStep, updateTable } from './kernels/optimizer';
import { partialSumsTable, reducePartials } from './kernels/reduce-partials';
import { packScalars, scalarsBytes } from './kernels/scalars';
import type { KernelTarget } from './kernels/target';
import { adamwReference } from './reference/adamw';
import { attentionReference } from './ops/attention/reference';
import { contrastiveLossReference } from './ops/contrastive-loss/reference';
import { layerNormReference } from './ops/layer-norm/reference';
import type { RunData, RunStep } from './webgpu/kernel-run';

/** Some kernels with data, and what they must give. */
export interface KernelCheck {
  readonly data: Readonly<Record<string, RunData>>;
  readonly steps: readonly RunStep[];
  /** Expected contents by buffer name. */
  readonly expected: Readonly<Record<string, ArrayLike<number>>>;
  /** Largest difference relative to the largest expected magnitude; by default what rounding of float32 sums can explain. */
  readonly tolerance?: number;
}

/** Repeatable numbers in [-1, 1) (xorshift32). */
function noise(count: number, seed: number): Float32Array<ArrayBuffer> {
  let state = (seed * 0x9e3779b1) >>> 0 || 1;
  return Float32Array.from({ length: count }, () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 31 - 1;
  });
}

/** Sums longer than 2,000, with sizes that are multiples of four and with odd ones: both ways of loading, and what lies past the edge of tiles. */
const linearShapes = [
  { rows: 2052, inner: 12, columns: 20 },
  { rows: 9, inner: 2051, columns: 5 },
] as const;

/**
 * One of the three products of a linear layer, for each shape: some variants serve some of them only. With a weight stored `[out, in]` forward's
 * right operand is the transposed one, dx has none, dWeight's left one is.
 */
export function linearChecks(pass: LinearPass, variant: MatmulVariant): readonly KernelCheck[] {
  return linearShapes.map((shape): KernelCheck => {
    const { rows, inner, columns } = shape;
    const x = noise(rows * inner, 1);
    const weight = noise(columns * inner, 2);
    const bias = noise(columns, 3);
    const dz = noise(rows * columns, 4);
    switch (pass) {
      case 'forward': {
        const plain = { bias: true, residual: false, activation: 'none', saveDerivative: false } as const;
        return {
          data: { x, weight, bias, y: rows * columns },
          steps: [[linearForward(shape, plain, variant), 'x', 'weight', 'bias', 'y']],
          expected: { y: linearReference(shape, x, weight, bias) },
        };
      }
      case 'input': {
        const kernel = linearBackwardInput(shape, { accumulate: false, derivative: false }, variant);
        const { dx } = linearGradientReference(shape, x, weight, dz);
        return { data: { weight, dz, dx: rows * inner }, steps: [[kernel, 'dz', 'weight', 'dx']], expected: { dx } };
      }
      case 'weight': {
        const kernel = linearBackwardWeight(shape, { bias: true, accumulate: false }, variant);
        const { dWeight, dBias } = linearGradientReference(shape, x, weight, dz);
        return {
          data: { x, dz, dWeight: columns * inner, dBias: columns },
          steps: [[kernel, 'dz', 'x', 'dWeight', 'dBias']],
          expected: { dWeight, dBias },
        };
      }
      default:
        return pass satisfies never;
    }
  });
}

/** Attention with both masks. The tokens fit no tile exactly; quads have fewer, since software adapters compile large tiles for seconds. */
export function attentionCheck(variant: AttentionVariant): KernelCheck {
  const quads = variant.kind === 'tile' && variant.worker === 'quad';
  return attentionCheckOf({ batch: 2, tokens: quads ? 9 : 21, heads: 2, headSize: 16 }, variant);
}

/** The same for a sequence so long that no kernel has room for all of its columns at once. */
export function longAttentionCheck(variant: AttentionVariant): KernelCheck {
  return attentionCheckOf({ batch: 1, tokens: 521, heads: 1, headSize: 4 }, variant);
}

function attentionCheckOf(shape: AttentionShape, variant: AttentionVariant): KernelCheck {
  const options = { causal: true, lengths: true, dropout: 0, salt: 0 };
  const { batch, tokens, heads, headSize } = shape;
  const rows = batch * tokens;
  const width = heads * headSize;
  const qkv = noise(rows * 3 * width, 5).map((value) => 2 * value);
  const dy = noise(rows * width, 6);
  const lengths = new Int32Array([tokens, 13]).subarray(0, batch);
  const [query, keyValue] = attentionBackward(shape, options, variant);
  const reference = attentionReference({ ...shape, causal: true, lengths, qkv }, dy);
  const lse = rows * heads;
  return {
    data: { qkv, dy, lengths, y: rows * width, lse, dQkv: rows * 3 * width, delta: lse },
    steps: [
      [attentionForward(shape, { ...options, saveLogSumExp: true }, variant), 'qkv', 'lengths', 'y', 'lse'],
      [query, 'qkv', 'y', 'dy', 'lse', 'lengths', 'dQkv', 'delta'],
      [keyValue, 'qkv', 'dy', 'lse', 'delta', 'lengths', 'dQkv'],
    ],
    expected: { y: reference.y, dQkv: reference.dQkv },
  };
}

/** Layer norm with both stages of its parameters' gradients. */
export function layerNormCheck(target: KernelTarget): KernelCheck {
  const shape = { rows: 37, columns: 192 };
  const { rows, columns } = shape;
  const epsilon = 1e-5;
  const x = noise(rows * columns, 7).map((value) => 3 * value + 1);
  const weight = noise(columns, 8);
  const bias = noise(columns, 9);
  const dy = noise(rows * columns, 10);
  const slices = layerNormSlices(shape, target);
  const sums = { slices, stride: 2 * columns, accumulate: false };
  const table = partialSumsTable([{ ...sums, partials: 0, gradient: 0, count: 2 * columns }]);
  const reference = layerNormReference({ rows, columns, epsilon, x, weight, bias }, dy);
  return {
    data: {
      x,
      weight,
      bias,
      dy,
      table,
      y: rows * columns,
      statistics: 2 * rows,
      dx: rows * columns,
      partials: slices * 2 * columns,
      gradients: 2 * columns,
    },
    steps: [
      [layerNormForward(shape, { epsilon, saveStatistics: true, target }), 'x', 'weight', 'bias', 'y', 'statistics'],
      [layerNormBackwardInput(shape, { accumulate: false, target }), 'x', 'weight', 'statistics', 'dy', 'dx'],
      [layerNormBackwardParameters(shape, { slices }), 'x', 'statistics', 'dy', 'partials'],
      [reducePartials(table), 'table', 'partials', 'gradients'],
    ],
    expected: { y: reference.y, dx: reference.dx, gradients: [...reference.dWeight, ...reference.dBias] },
  };
}

/** Softmax and loss with a duplicate caption, a padded sample and label smoothing. */
export function lossCheck(target: KernelTarget): KernelCheck {
  const shape = { batch: 9, width: 64 };
  const { batch, width } = shape;
  const labelSmoothing = 0.1;
  const scale = 2.3;
  const image = noise(batch * width, 11).map((value) => value / 4);
  const text = noise(batch * width, 12).map((value) => value / 4);
  const imageKeys = new Int32Array([0, 1, 2, 3, 4, 5, 6, 7, -1]);
  const textKeys = new Int32Array([0, 1, 2, 3, 1, 5, 6, 7, 8]);
  const reference = contrastiveLossReference({
    batch,
    width,
    image,
    text,
    logitScale: scale,
    imageKeys,
    textKeys,
    labelSmoothing,
  });
  const statistics = contrastiveStatistics(batch, { labelSmoothing, cooperative: target.cooperative, scaled: false });
  return {
    data: {
      image,
      text,
      imageKeys,
      textKeys,
      scale: new Float32Array([scale]),
      similarities: batch * batch,
      statistics: 4 * batch,
      result: 4,
      dImage: batch * width,
      dText: batch * width,
      dScale: 1,
    },
    steps: [
      [pairSimilarities(shape), 'image', 'text', 'similarities'],
      [statistics, 'similarities', 'scale', 'imageKeys', 'textKeys', 'statistics', 'result'],
      [
        contrastivePairGradients(batch, { labelSmoothing }),
        'similarities',
        'scale',
        'imageKeys',
        'textKeys',
        'statistics',
        'result',
      ],
      [
        pairBackward(shape, { logitScale: 'write', logitBias: 'none' }),
        'similarities',
        'image',
        'text',
        'dImage',
        'dText',
        'result',
        'dScale',
      ],
    ],
    expected: {
      result: [reference.loss, reference.dLogitScale, batch - 1, 1],
      dImage: reference.dImage,
      dText: reference.dText,
      dScale: [reference.dLogitScale],
    },
  };
}

/** Norm, clipping and a late AdamW step. */
export function optimizerCheck(target: KernelTarget): KernelCheck {
  const { cooperative } = target;
  const count = 4 * 700;
  const step = {
    step: 7,
    learningRate: 1e-2,
    weightDecay: 0.1,
    beta1: 0.9,
    beta2: 0.98,
    epsilon: 1e-6,
    maxGradNorm: 1,
  };
  const { beta1, beta2, epsilon, maxGradNorm, weightDecay } = step;
  const weights = noise(count, 13);
  const gradients = noise(count, 14);
  const first = noise(count, 15).map((value) => value / 10);
  const second = noise(count, 16).map((value) => value * value);
  const scalars = new Uint8Array(scalarsBytes);
  packScalars(new DataView(scalars.buffer), {
    step: step.step,
    seed: 0,
    learningRate: step.learningRate,
    ringSlot: 0,
  });
  const optimizer = { type: 'adamw', beta1, beta2, epsilon } as const;
  const table = updateTable([{ weight: 0, gradient: 0, count, rateFactor: 1, weightDecay, clamp: null }]);
  const partials = squaredSumsCount(count, cooperative);
  const reference = adamwReference(weights, gradients, [first, second], step);
  return {
    data: {
      $scalars: scalars,
      table,
      weights,
      gradients,
      first,
      second,
      partials,
      loss: new Float32Array([0.5]),
      control: 8,
      ring: readingWords,
      // All steps before this one were taken.
      progress: new Float32Array([1, 0, step.step - 1, 0]),
    },
    steps: [
      [squaredSums(count, { cooperative }), 'gradients', 'partials'],
      [
        finishStep(partials, { maxNorm: maxGradNorm, cooperative, scaled: false, logitScale: false, optimizer }),
        '$scalars',
        'partials',
        'loss',
        'control',
        'ring',
        'progress',
      ],
      [optimizerStep(table, optimizer), '$scalars', 'table', 'control', 'weights', 'gradients', 'first', 'second'],
    ],
    expected: {
      weights: reference.weights,
      control: [
        maxGradNorm / (reference.norm + 1e-6),
        1,
        reference.norm,
        0.5,
        1 - beta1 ** step.step,
        1 - beta2 ** step.step,
      ],
      progress: [1, 0, step.step],
    },
  };
}
