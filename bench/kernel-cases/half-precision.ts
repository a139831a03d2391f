import type { EngineDevice } from '../../src/engine/device';
import { attentionBackward, attentionForward } from '../../src/engine/ops/attention/kernels';
import type { AttentionShape } from '../../src/engine/ops/attention/problem';
import type { Kernel } from '../../src/engine/kernels/kernel';
import { layerNormForward } from '../../src/engine/ops/layer-norm/kernels';
import {
  linearBackwardInput,
  linearBackwardWeight,
  linearForward,
  type LinearPass,
  type LinearShape,
} from '../../src/engine/ops/linear/kernels';
import type { MatmulVariant } from '../../src/engine/ops/linear/matmul-problem';
import { withStorage } from '../../src/engine/kernels/storage';
import { defaultChoice } from '../../src/engine/kernel-names';
import { firstPart } from '../../src/engine/ops/attention/bench';
import type { BenchTower, KernelCase } from '../../src/engine/ops/bench-case';
import { signedWeights } from '../../src/engine/ops/linear/bench';

/**
 * What mixed precision does to the kernels of a block: activations and their gradients are stored as f16, weights and the residual stream
 * as f32. Without peers, since TensorFlow.js stores no f16; none where the adapter does not either.
 */
export function halfPrecisionCases(
  engine: EngineDevice,
  { hiddenSize, intermediateSize, heads, activation, tokens, causal }: BenchTower,
  batch: number,
): readonly KernelCase[] {
  if (!engine.features.f16) return [];
  const { target, linear, attention } = defaultChoice(engine);
  const rows = batch * tokens;
  const fc1: LinearShape = { rows, inner: hiddenSize, columns: intermediateSize };
  const fc2: LinearShape = { rows, inner: intermediateSize, columns: hiddenSize };
  const variant = (pass: LinearPass, shape: LinearShape): MatmulVariant | undefined => linear?.(pass, shape);
  const layer = { rows, columns: hiddenSize };
  const attended: AttentionShape = { batch, tokens, heads, headSize: hiddenSize / heads };
  const options = { causal, lengths: false, dropout: 0, salt: 0 };
  const chosen = attention?.(attended);
  const [query, keyValue] = attentionBackward(attended, options, chosen);
  const product = 2 * batch * heads * tokens * tokens * attended.headSize * (causal ? 0.5 : 1);
  const name = `${batch}x${tokens} tokens, ${heads}x${attended.headSize}${causal ? ', causal' : ''}`;
  const [stream, hidden, weight] = [rows * hiddenSize, rows * intermediateSize, hiddenSize * intermediateSize];
  const sizes = ({ inner, columns }: LinearShape): string => `${rows}x${inner}x${columns}`;
  const activated = { bias: true, residual: false, activation, saveDerivative: true };
  const cases: readonly HalfCase[] = [
    {
      kernel: 'linear with bias and activation',
      shape: sizes(fc1),
      flops: 2 * rows * weight,
      bytes: 2 * stream + 4 * weight + 4 * hidden,
      kernels: [
        withStorage(linearForward(fc1, activated, variant('forward', fc1)), ['f16', 'f32', 'f32', 'f16', 'f16']),
      ],
      contents: signedWeights(fc1),
    },
    {
      kernel: 'linear, input gradient',
      shape: sizes(fc2),
      flops: 2 * rows * weight,
      bytes: 4 * stream + 4 * weight + 4 * hidden,
      kernels: [
        withStorage(linearBackwardInput(fc2, { accumulate: false, derivative: true }, variant('input', fc2)), [
          'f32',
          'f32',
          'f16',
          'f16',
        ]),
      ],
    },
    {
      kernel: 'linear, weight and bias gradient',
      shape: sizes(fc1),
      flops: 2 * rows * weight,
      bytes: 2 * stream + 4 * weight + 2 * hidden,
      kernels: [
        withStorage(linearBackwardWeight(fc1, { bias: true, accumulate: false }, variant('weight', fc1)), [
          'f16',
          'f16',
          'f32',
          'f32',
        ]),
      ],
    },
    {
      kernel: 'attention',
      shape: name,
      flops: 2 * product,
      bytes: 8 * stream,
      contents: firstPart,
      kernels: [
        withStorage(attentionForward(attended, { ...options, saveLogSumExp: true }, chosen), ['f16', 'f16', 'f32']),
      ],
    },
    {
      kernel: 'attention, gradient',
      shape: name,
      flops: 5 * product,
      bytes: 16 * stream,
      contents: firstPart,
      kernels: [
        withStorage(query, ['f16', 'f16', 'f16', 'f32', 'f16', 'f32']),
        withStorage(keyValue, ['f16', 'f16', 'f32', 'f32', 'f16']),
      ],
    },
    {
      kernel: 'layer norm',
      shape: `${rows}x${hiddenSize}`,
      flops: 8 * stream,
      bytes: 6 * stream,
      kernels: [
        withStorage(layerNormForward(layer, { epsilon: 1e-5, saveStatistics: true, target }), [
          'f32',
          'f32',
          'f32',
          'f16',
          'f32',
        ]),
      ],
    },
  ];
  return cases.map(({ kernel, kernels, ...rest }) => ({
    ...rest,
    kernel: `${kernel}, f16`,
    variants: [{ name: 'default', kernels }],
    stock: null,
  }));
}

/** A case in one variant: that which the adapter's class takes in float32. */
type HalfCase = Omit<KernelCase, 'variants' | 'stock'> & { readonly kernels: readonly Kernel[] };
