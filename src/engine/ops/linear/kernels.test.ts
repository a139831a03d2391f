import { describe, expect, it } from 'vitest';
import { adapterBackDown, adapterColumns, adapterDown, adapterUp } from './adapter-kernels';
import { activationForward, linearBackwardInput, linearBackwardWeight, linearForward } from './kernels';
import { variantName, type MatmulVariant } from './matmul-problem';

const shape = { rows: 20, inner: 8, columns: 12 };
const odd = { rows: 3, inner: 5, columns: 7 };

const variants: readonly Exclude<MatmulVariant, { kind: 'split' }>[] = [
  { kind: 'register', rows: 4, columns: 4, lanes: [8, 8] },
  { kind: 'quad', rows: 16, columns: 16, quads: [1, 1] },
  { kind: 'shared', rows: 4, columns: 4, lanes: [8, 8], depth: 8 },
];

describe.each(variants.map((variant) => ({ variant, name: variantName(variant) })))('WGSL, $name', ({ variant }) => {
  it('of the forward pass', () => {
    const options = { bias: true, residual: true, activation: 'gelu', saveDerivative: true } as const;
    expect(linearForward(shape, options, variant).code).toMatchSnapshot();
  });

  it('of the gradient of the input', () => {
    expect(linearBackwardInput(shape, { accumulate: true, derivative: true }, variant).code).toMatchSnapshot();
  });

  it('of the gradient of the weight', () => {
    expect(linearBackwardWeight(shape, { bias: true, accumulate: false }, variant).code).toMatchSnapshot();
  });

  it('where rows have no whole vectors', () => {
    const options = { bias: false, residual: false, activation: 'none', saveDerivative: false } as const;
    expect(linearForward(odd, options, variant).code).toMatchSnapshot();
  });

  it('covers the whole product with its workgroups', () => {
    const options = { bias: false, residual: false, activation: 'none', saveDerivative: false } as const;
    const { workgroups } = linearForward({ rows: 1040, inner: 192, columns: 768 }, options, variant);
    const [x, y] = variant.kind === 'quad' ? variant.quads : variant.lanes;
    expect(workgroups[0] * variant.columns * x).toBeGreaterThanOrEqual(768);
    expect(workgroups[1] * variant.rows * y).toBeGreaterThanOrEqual(1040);
  });
});

describe('WGSL of sums split among lanes', () => {
  const split = { kind: 'split', rows: 8, columns: 4, lanes: [64] } as const;
  const options = { bias: true, residual: true, activation: 'none', saveDerivative: false } as const;

  it.each([shape, odd])('$rows × $inner × $columns', (sizes) => {
    const { code, workgroups } = linearForward(sizes, options, split);
    expect(code).toMatchSnapshot();
    expect(workgroups).toEqual([Math.ceil(sizes.columns / 4), Math.ceil(sizes.rows / 8), 1]);
  });

  it('of the gradient of the input there is none', () => {
    expect(() => linearBackwardInput(shape, { accumulate: false, derivative: false }, split)).toThrow('split');
  });
});

const register = { kind: 'register', rows: 4, columns: 4, lanes: [8, 8] } as const;

describe('WGSL of adapters', () => {
  const adapter = { rows: 20, inner: 8, rank: 4, columns: 8, column: 4, width: 12 };
  /** Columns that no vector of four begins at. */
  const between = { ...adapter, column: 3 };
  it.each(
    Object.entries({
      'x to the rank': adapterDown(adapter, 0.5, register),
      'the rank to the product': adapterUp(adapter, register),
      'the rank to columns between vectors': adapterUp(between, register),
      'columns of the gradient': adapterColumns(between),
      'gradient to the rank': adapterBackDown(adapter, 0.5, register),
      'activation alone': activationForward(240, { residual: true, activation: 'gelu_tanh', saveDerivative: true }),
    }),
  )('%s', (_, { code }) => {
    expect(code).toMatchSnapshot();
  });
});

describe('linear kernels', () => {
  it('have equal labels only for equal code', () => {
    const codes = new Map<string, string>();
    for (const variant of variants) {
      for (const bias of [true, false]) {
        for (const residual of [true, false]) {
          for (const activation of ['none', 'gelu', 'gelu_tanh', 'quick_gelu'] as const) {
            const kernel = linearForward(shape, { bias, residual, activation, saveDerivative: false }, variant);
            expect(codes.get(kernel.label) ?? kernel.code).toBe(kernel.code);
            codes.set(kernel.label, kernel.code);
          }
        }
      }
    }
    expect(codes.size).toBe(variants.length * 16);
  });

  it('refuse to save the derivative of no activation', () => {
    const options = { bias: false, residual: false, activation: 'none', saveDerivative: true } as const;
    expect(() => linearForward(shape, options)).toThrow('no derivative');
  });
});
