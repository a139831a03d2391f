import { describe, expect, it } from 'vitest';
import { attentionBackward, attentionForward } from '../ops/attention/kernels';
import { copyElements } from './elementwise';
import type { Kernel } from './kernel';
import { layerNormBackwardInput, layerNormForward } from '../ops/layer-norm/kernels';
import { adapterBackDown, adapterColumns, adapterDown, adapterUp } from '../ops/linear/adapter-kernels';
import { activationForward, linearBackwardInput, linearBackwardWeight, linearForward } from '../ops/linear/kernels';
import type { MatmulVariant } from '../ops/linear/matmul-problem';
import { withStorage } from './storage';
import { makeKernel } from './wgsl';

const shape = { rows: 20, inner: 8, columns: 12 };
const register: MatmulVariant = { kind: 'register', rows: 4, columns: 4, lanes: [8, 8] };
const quad: MatmulVariant = { kind: 'quad', rows: 16, columns: 16, quads: [1, 1] };

function kernelOf(body: string): Kernel {
  return makeKernel({
    label: 'test',
    bindings: [
      ['x', 'read', 'array<vec4<f32>, 4>'],
      ['y', 'read_write', 'array<f32>'],
      ['pairs', 'read', 'array<vec2<f32>>'],
    ],
    body: `fn main() {\n${body}\n}`,
    workgroups: [1, 1, 1],
    flops: 0,
    bytes: 0,
  });
}

/** The body of a kernel whose x and y are f16. */
function rewritten(body: string): string {
  const { code } = withStorage(kernelOf(body), ['f16', 'f16', 'f32']);
  return code.slice(code.indexOf('{\n') + 2, code.lastIndexOf('\n}'));
}

describe('WGSL on f16 storage', () => {
  it('of a linear layer, forward', () => {
    const options = { bias: true, residual: true, activation: 'gelu', saveDerivative: true } as const;
    const kernel = linearForward(shape, options, register);
    expect(withStorage(kernel, ['f16', 'f32', 'f32', 'f32', 'f16', 'f16']).code).toMatchSnapshot();
  });

  it('of the gradient of its input, adding up', () => {
    const kernel = linearBackwardInput(shape, { accumulate: true, derivative: true }, quad);
    expect(withStorage(kernel, ['f16', 'f32', 'f16', 'f16']).code).toMatchSnapshot();
  });

  it('of a layer norm', () => {
    const target = { cooperative: true };
    const kernel = layerNormForward({ rows: 3, columns: 8 }, { epsilon: 1e-5, saveStatistics: true, target });
    expect(withStorage(kernel, ['f32', 'f32', 'f32', 'f16', 'f32']).code).toMatchSnapshot();
  });

  it('of attention by tiles', () => {
    const sizes = { batch: 1, tokens: 5, heads: 2, headSize: 4 };
    const options = { causal: true, lengths: false, dropout: 0, salt: 0, saveLogSumExp: true };
    const variant = { kind: 'tile', worker: 'lane', lanes: 64 } as const;
    expect(withStorage(attentionForward(sizes, options, variant), ['f16', 'f16', 'f32']).code).toMatchSnapshot();
  });
});

describe('withStorage', () => {
  it('leaves a kernel alone that stores f32 only', () => {
    const kernel = kernelOf('  y[0] = x[1].z;');
    expect(withStorage(kernel, ['f32', 'f32', 'f32'])).toBe(kernel);
  });

  it('declares what it narrows, ahead of everything else', () => {
    const { code, label } = withStorage(kernelOf('  y[0] = x[1].z;'), ['f16', 'f32', 'f32']);
    expect(code).toMatch(/^enable f16;\n/);
    expect(code).toContain('var<storage, read> x: array<vec4<f16>, 4>;');
    expect(code).toContain('var<storage, read_write> y: array<f32>;');
    expect(label).not.toBe('test');
  });

  it.each([
    ['loads', '  let a = x[2u * i];', '  let a = vec4<f32>(x[2u * i]);'],
    ['parts of loads', '  let a = x[i].z;', '  let a = vec4<f32>(x[i]).z;'],
    ['stores', '  y[i + 1u] = 2.0 * z;', '  y[i + 1u] = f16(2.0 * z);'],
    ['stores of loads', '  y[i] = y[i] + x[i].x;', '  y[i] = f16(f32(y[i]) + vec4<f32>(x[i]).x);'],
    ['sums', '  y[i] += a - b;', '  y[i] = f16(f32(y[i]) + (a - b));'],
    ['factors', '  if (c) { y[i] *= a; }', '  if (c) { y[i] = f16(f32(y[i]) * (a)); }'],
    ['indices that hold others', '  let a = x[u32(y[i])];', '  let a = vec4<f32>(x[u32(f32(y[i]))]);'],
    ['comparisons', '  if (y[i] == 0.0) { return; }', '  if (f32(y[i]) == 0.0) { return; }'],
    ['names alike', '  let max_y = lane.y + yy[3];', '  let max_y = lane.y + yy[3];'],
  ])('converts %s', (_, before, after) => {
    expect(rewritten(before)).toBe(after);
  });

  it('refuses uses that it cannot convert', () => {
    expect(() => rewritten('  let length = arrayLength(&y);')).toThrow('otherwise than by element');
    expect(() => rewritten('  x[i].y = 1.0;')).toThrow('assigns parts');
    expect(() => withStorage(kernelOf(''), ['f32', 'f32', 'f16'])).toThrow('cannot hold f16');
  });

  it('finds every kernel that mixed precision touches written as it needs', () => {
    const sizes = { batch: 2, tokens: 5, heads: 2, headSize: 4 };
    const options = { causal: true, lengths: true, dropout: 0.1, salt: 1 };
    const target = { cooperative: true };
    const adapter = { rows: 5, inner: 8, rank: 4, columns: 8, column: 3, width: 12 };
    const apart = { ...sizes, apart: { keys: 7, sharedQueries: false } };
    const kernels: readonly (readonly [kernel: Kernel, half: readonly number[]])[] = [
      ...(['rows', 'tile'] as const).flatMap((kind) => {
        const variant = kind === 'rows' ? ({ kind } as const) : ({ kind, worker: 'quad' } as const);
        const [query, keyValue] = attentionBackward(sizes, options, variant);
        const forward = attentionForward(sizes, { ...options, saveLogSumExp: true }, variant);
        const [queryApart, keyValueApart] = attentionBackward(apart, options, variant);
        const forwardApart = attentionForward(apart, { ...options, saveLogSumExp: true }, variant);
        return [
          [forward, [0, 3]] as const,
          [query, [0, 1, 2, 6]] as const,
          [keyValue, [0, 1, 6]] as const,
          [forwardApart, [0, 1, 4]] as const,
          [queryApart, [0, 1, 2, 3, 7]] as const,
          [keyValueApart, [0, 1, 2, 6]] as const,
        ];
      }),
      ...[register, quad].flatMap((variant) => [
        [linearBackwardWeight(shape, { bias: true, accumulate: true }, variant), [0, 1]] as const,
        [linearBackwardInput(shape, { accumulate: false, derivative: false }, variant), [0, 2]] as const,
      ]),
      [layerNormBackwardInput({ rows: 4, columns: 6 }, { accumulate: true, target }), [0, 3, 4]],
      [copyElements(5, { accumulate: true }), [0, 1]],
      [adapterDown(adapter, 0.5, register), [0]],
      [adapterUp(adapter, register), [2]],
      [adapterColumns(adapter), [0, 1]],
      [adapterBackDown(adapter, 0.5, register), [0]],
      [activationForward(60, { residual: false, activation: 'gelu', saveDerivative: true }), [1, 2]],
    ];
    for (const [kernel, half] of kernels) {
      const storage = kernel.bindings.map((_, index) => (half.includes(index) ? 'f16' : 'f32'));
      const { code, label } = withStorage(kernel, storage);
      expect(code.match(/: array<(?:vec4<)?f16/g), label).toHaveLength(half.length);
    }
  });
});
