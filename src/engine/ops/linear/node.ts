import type { GraphBuilder } from '../../graph/builder';
import { elementCount, type ValueId } from '../../graph/ir';
import { fits, matrixOf, type Operation } from '../operation';

/** `gelu` is exact, `gelu_tanh` PyTorch's `approximate="tanh"`, `quick_gelu` `x · σ(1.702 x)`. */
export type Activation = 'none' | 'gelu' | 'gelu_tanh' | 'quick_gelu';

/** `y = activation(x · weightᵀ + bias) + residual`. x `[M, K]`, weight `[N, K]`, bias `[N]`, residual and y `[M, N]`. */
export interface LinearNode {
  readonly op: 'linear';
  readonly x: ValueId;
  readonly weight: ValueId;
  readonly bias: ValueId | null;
  readonly residual: ValueId | null;
  readonly activation: Activation;
  readonly y: ValueId;
}

export const linearOperation: Operation<LinearNode> = {
  op: 'linear',
  reads: ['x', 'weight', 'bias', 'residual'],
  shape({ x, weight, bias, residual }, shapeOf) {
    const [rows, inner] = matrixOf(shapeOf(x), 'the x of linear');
    const [columns, weightInner] = matrixOf(shapeOf(weight), 'the weight of linear');
    fits(inner === weightInner, `linear: x has ${inner} columns, the weight ${weightInner}`);
    const count = (id: ValueId): number => elementCount(shapeOf(id));
    fits(bias === null || count(bias) === columns, 'linear: the bias does not match the weight');
    fits(residual === null || count(residual) === rows * columns, 'linear: the residual does not match');
    return [rows, columns];
  },
  keptForBackward: ({ x, weight }, wanted) => (wanted.has(weight) ? [x] : []),
  // The derivative of the activation.
  statisticsBytes: ({ activation, y }, bytes) => (activation === 'none' ? 0 : bytes(y)),
  // What every block adds to, the residual stream, would sum up the rounding of all blocks.
  roundsWell: ({ residual }) => residual === null,
  exactInputs: ({ residual }) => (residual === null ? [] : [residual]),
};

export function linear(
  builder: GraphBuilder,
  x: ValueId,
  weight: ValueId,
  options: {
    readonly bias?: ValueId | null;
    readonly residual?: ValueId | null;
    readonly activation?: Activation;
  } = {},
): ValueId {
  const { bias = null, residual = null, activation = 'none' } = options;
  return builder.add({ op: 'linear', x, weight, bias, residual, activation });
}
