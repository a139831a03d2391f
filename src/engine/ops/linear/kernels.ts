import type { Activation } from './node';
import type { Kernel } from '../../kernels/kernel';
import { activationFunctions } from './activation-wgsl';
import { matmul } from './matmul';
import { floatArray, widthOf, type MatmulProblem, type MatmulVariant } from './matmul-problem';
import { makeKernel, perThread, type Binding } from '../../kernels/wgsl';

/** Sizes of a linear layer: x `[rows, inner]`, weight `[columns, inner]`, y `[rows, columns]`. */
export interface LinearShape {
  readonly rows: number;
  readonly inner: number;
  readonly columns: number;
}

/** The three products of a linear layer. */
export type LinearPass = 'forward' | 'input' | 'weight';

/** A portable choice that does well on software adapters; `engine/tuner.ts` knows better ones per adapter and shape. */
export const defaultVariant: MatmulVariant = { kind: 'register', rows: 4, columns: 4, lanes: [8, 8] };

export interface LinearForwardOptions {
  readonly bias: boolean;
  readonly residual: boolean;
  readonly activation: Activation;
  /**
   * Also store the derivative of the activation (there must be one) at each pre-activation. Backward then needs neither the pre-activation nor a second
   * exponential: the gradient of the pre-activation is one product, taken where the gradient of the activation is computed.
   */
  readonly saveDerivative: boolean;
}

/**
 * `y = activation(x · weightᵀ + bias) + residual`.
 *
 * Bindings: x, weight, bias if any, residual if any, y, and with `saveDerivative` the derivative `[rows, columns]`.
 */
export function linearForward(
  shape: LinearShape,
  options: LinearForwardOptions,
  variant: MatmulVariant = defaultVariant,
): Kernel {
  const { rows, inner, columns } = shape;
  const { bias, residual, activation, saveDerivative } = options;
  if (saveDerivative && activation === 'none')
    throw new Error('A linear layer without activation has no derivative to save.');
  const width = widthOf(columns);
  const matrix = floatArray(rows * columns, width);
  const bindings: Binding[] = [
    ['a', 'read', floatArray(rows * inner, widthOf(inner))],
    ['b', 'read', floatArray(columns * inner, widthOf(inner))],
  ];
  if (bias) bindings.push(['bias', 'read', floatArray(columns, width)]);
  if (residual) bindings.push(['residual', 'read', matrix]);
  bindings.push(['y', 'read_write', matrix]);
  if (saveDerivative) bindings.push(['derivative', 'read_write', matrix]);
  const activated = activation === 'none' ? 'z' : 'activate(z)';
  const problem: MatmulProblem = {
    label: `linearForward ${rows}x${inner}x${columns}${bias ? ' bias' : ''}${residual ? ' residual' : ''} ${activation}${saveDerivative ? ' derivative' : ''}`,
    rows,
    columns,
    inner,
    a: 'inner',
    b: 'inner',
    bindings,
    helpers: activationFunctions(activation, width === 4 ? 'vec4<f32>' : 'f32'),
    store: (value, index, column) =>
      [
        `let z = ${value}${bias ? ` + bias[${column}]` : ''};`,
        ...(saveDerivative ? [`derivative[${index}] = activate_gradient(z);`] : []),
        `y[${index}] = ${activated}${residual ? ` + residual[${index}]` : ''};`,
      ].join(' '),
    sums: null,
    addSums: false,
    bytes: 4 * (rows * inner + columns * inner + rows * columns * (1 + Number(residual) + Number(saveDerivative))),
  };
  return matmul(problem, variant);
}

export interface LinearBackwardInputOptions {
  /** Add to what dx holds. */
  readonly accumulate: boolean;
  /**
   * x is the activated output of another linear layer and this is the last contribution to its gradient: multiply the finished gradient by
   * the derivative that layer saved, so that dx is the gradient of that layer's pre-activation.
   */
  readonly derivative: boolean;
}

/**
 * Gradient of a linear layer with respect to its input: `dx = dz · weight`, with dz `[rows, columns]` the gradient of its pre-activation
 * (where the layer has no activation, of its output).
 *
 * Bindings: dz, weight, derivative `[rows, inner]` if any, dx.
 */
export function linearBackwardInput(
  shape: LinearShape,
  options: LinearBackwardInputOptions,
  variant: MatmulVariant = defaultVariant,
): Kernel {
  const { rows, inner, columns } = shape;
  const { accumulate, derivative } = options;
  const width = widthOf(inner);
  const matrix = floatArray(rows * inner, width);
  const bindings: Binding[] = [
    ['a', 'read', floatArray(rows * columns, widthOf(columns))],
    ['b', 'read', floatArray(columns * inner, width)],
  ];
  if (derivative) bindings.push(['derivative', 'read', matrix]);
  bindings.push(['dx', 'read_write', matrix]);
  const problem: MatmulProblem = {
    label: `linearBackwardInput ${rows}x${inner}x${columns}${accumulate ? ' add' : ''}${derivative ? ' derivative' : ''}`,
    rows,
    columns: inner,
    inner: columns,
    a: 'inner',
    b: 'outer',
    bindings,
    helpers: '',
    store: (value, index) => {
      const total = accumulate ? `(dx[${index}] + ${value})` : value;
      return `dx[${index}] = ${total}${derivative ? ` * derivative[${index}]` : ''};`;
    },
    sums: null,
    addSums: false,
    bytes: 4 * (rows * columns + columns * inner + rows * inner * (1 + Number(accumulate) + Number(derivative))),
  };
  return matmul(problem, variant);
}

export interface LinearBackwardWeightOptions {
  /** Also compute the gradient of the bias, in the same dispatch. */
  readonly bias: boolean;
  /** Add to what dWeight and dBias hold. */
  readonly accumulate: boolean;
}

/**
 * Gradients of a linear layer with respect to its weight and bias: `dWeight = dzᵀ · x` `[columns, inner]`, `dBias = Σ_rows dz` `[columns]`.
 * Sums run in a fixed order.
 *
 * Bindings: dz, x, dWeight, dBias if any.
 */
export function linearBackwardWeight(
  shape: LinearShape,
  options: LinearBackwardWeightOptions,
  variant: MatmulVariant = defaultVariant,
): Kernel {
  const { rows, inner, columns } = shape;
  const { bias, accumulate } = options;
  const bindings: Binding[] = [
    ['a', 'read', floatArray(rows * columns, widthOf(columns))],
    ['b', 'read', floatArray(rows * inner, widthOf(inner))],
    ['d_weight', 'read_write', floatArray(columns * inner, widthOf(inner))],
  ];
  if (bias) bindings.push(['d_bias', 'read_write', floatArray(columns, 1)]);
  const problem: MatmulProblem = {
    label: `linearBackwardWeight ${rows}x${inner}x${columns}${bias ? ' bias' : ''}${accumulate ? ' add' : ''}`,
    rows: columns,
    columns: inner,
    inner: rows,
    a: 'outer',
    b: 'outer',
    bindings,
    helpers: '',
    store: (value, index) => `d_weight[${index}] ${accumulate ? '+=' : '='} ${value};`,
    sums: bias ? 'd_bias' : null,
    addSums: accumulate,
    bytes: 4 * (rows * columns + rows * inner + columns * inner * (1 + Number(accumulate))),
  };
  return matmul(problem, variant);
}

/**
 * `y = activation(z) + residual`, elementwise: what `linearForward` does to its product, for where that is not complete when it is stored.
 *
 * Bindings: z, residual if any, y, and with `saveDerivative` the derivative, each `[count]`.
 */
export function activationForward(
  count: number,
  { residual, activation, saveDerivative }: Omit<LinearForwardOptions, 'bias'>,
): Kernel {
  const width = widthOf(count);
  const array = floatArray(count, width);
  const { main, workgroups } = perThread(
    count / width,
    64,
    `  let value = z[index];
${saveDerivative ? '  derivative[index] = activate_gradient(value);\n' : ''}  y[index] = ${activation === 'none' ? 'value' : 'activate(value)'}${residual ? ' + residual[index]' : ''};`,
  );
  return makeKernel({
    label: `activationForward ${count} ${activation}${residual ? ' residual' : ''}${saveDerivative ? ' derivative' : ''}`,
    bindings: [
      ['z', 'read', array],
      ...(residual ? [['residual', 'read', array] as const] : []),
      ['y', 'read_write', array],
      ...(saveDerivative ? [['derivative', 'read_write', array] as const] : []),
    ],
    body: `${activationFunctions(activation, width === 4 ? 'vec4<f32>' : 'f32')}${main}`,
    workgroups,
    flops: 10 * count,
    bytes: 4 * count * (2 + Number(residual) + Number(saveDerivative)),
  });
}

/**
 * `dz = dy · derivative`, elementwise: the gradient of a pre-activation where no `linearBackwardInput` could take the product on its way
 * (the activated output feeds something else than one linear layer).
 *
 * Bindings: dy, derivative, dz, each `[count]`.
 */
export function activationBackward(count: number): Kernel {
  const width = widthOf(count);
  const array = floatArray(count, width);
  const { main, workgroups } = perThread(count / width, 64, '  dz[index] = dy[index] * derivative[index];');
  return makeKernel({
    label: `activationBackward ${count}`,
    bindings: [
      ['dy', 'read', array],
      ['derivative', 'read', array],
      ['dz', 'read_write', array],
    ],
    body: main,
    workgroups,
    flops: count,
    bytes: 12 * count,
  });
}
