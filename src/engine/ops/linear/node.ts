import { elementCount, type ValueId } from '../../graph/value';
import { fits, matrixOf, type NodeBuilder, type Operation } from '../operation';

/** `gelu` is exact, `gelu_tanh` PyTorch's `approximate="tanh"`, `quick_gelu` `x · σ(1.702 x)`. */
export type Activation = 'none' | 'gelu' | 'gelu_tanh' | 'quick_gelu';

/**
 * A low-rank change of a linear layer's weight (Hu et al. 2021, arXiv 2106.09685): it adds `scale · (x · aᵀ) · bᵀ` to the columns
 * `column … column + n` of the layer's product, ahead of bias and activation. a `[rank, K]`, b `[n, rank]`. Several may address parts of one
 * weight, such as the query and the value of a fused projection.
 */
export interface LinearAdapter {
  readonly a: ValueId;
  readonly b: ValueId;
  readonly scale: number;
  /** First column of the product, that is first row of the weight, that it changes. */
  readonly column: number;
}

/** `y = activation(x · weightᵀ + adapters + bias) + residual`. x `[M, K]`, weight `[N, K]`, bias `[N]`, residual and y `[M, N]`. */
export interface LinearNode {
  readonly op: 'linear';
  readonly x: ValueId;
  readonly weight: ValueId;
  readonly bias: ValueId | null;
  readonly residual: ValueId | null;
  readonly activation: Activation;
  readonly adapters: readonly LinearAdapter[];
  readonly y: ValueId;
}

export const linearOperation: Operation<LinearNode> = {
  op: 'linear',
  reads: ['x', 'weight', 'bias', 'residual'],
  readsMore: ({ adapters }) => adapters.flatMap(({ a, b }) => [a, b]),
  shape({ x, weight, bias, residual, adapters }, shapeOf) {
    const [rows, inner] = matrixOf(shapeOf(x), 'the x of linear');
    const [columns, weightInner] = matrixOf(shapeOf(weight), 'the weight of linear');
    fits(inner === weightInner, `linear: x has ${inner} columns, the weight ${weightInner}`);
    const count = (id: ValueId): number => elementCount(shapeOf(id));
    fits(bias === null || count(bias) === columns, 'linear: the bias does not match the weight');
    fits(residual === null || count(residual) === rows * columns, 'linear: the residual does not match');
    for (const { a, b, column } of adapters) {
      const [rank, adapterInner] = matrixOf(shapeOf(a), 'the a of an adapter of linear');
      const [changed, adapterRank] = matrixOf(shapeOf(b), 'the b of an adapter of linear');
      fits(adapterInner === inner && adapterRank === rank, 'linear: the shapes of an adapter do not match');
      fits(column >= 0 && column + changed <= columns, 'linear: an adapter lies beyond the weight');
    }
    return [rows, columns];
  },
  keptForBackward: ({ x, weight, adapters }, wanted) =>
    wanted.has(weight) || adapters.some(({ a }) => wanted.has(a)) ? [x] : [],
  // The derivative of the activation, and what adapters make of x: `[M, rank]`, from the sizes of `[M, N]`, `[rank, K]` and `[N, K]`.
  statisticsBytes: ({ activation, y, weight, adapters }, bytes) =>
    adapters.reduce((sum, { a }) => sum + (bytes(y) * bytes(a)) / bytes(weight), activation === 'none' ? 0 : bytes(y)),
  multiplyAdds({ x, weight, adapters }, shapeOf, wanted) {
    const rows = shapeOf(x)[0] ?? 0;
    const times = (...ids: readonly ValueId[]): number =>
      wanted === null ? 1 : ids.filter((id) => wanted.has(id)).length;
    // What goes back through an adapter passes both of its factors.
    const small = adapters.reduce(
      (sum, { a, b }) => sum + rows * (elementCount(shapeOf(a)) * times(x, a) + elementCount(shapeOf(b)) * times(a, b)),
      0,
    );
    return rows * elementCount(shapeOf(weight)) * times(x, weight) + small;
  },
  // What every block adds to, the residual stream, would sum up the rounding of all blocks.
  roundsWell: ({ residual }) => residual === null,
  exactInputs: ({ residual }) => (residual === null ? [] : [residual]),
};

export function linear(
  builder: NodeBuilder<LinearNode>,
  x: ValueId,
  weight: ValueId,
  options: {
    readonly bias?: ValueId | null;
    readonly residual?: ValueId | null;
    readonly activation?: Activation;
    readonly adapters?: readonly LinearAdapter[];
  } = {},
): ValueId {
  const { bias = null, residual = null, activation = 'none', adapters = [] } = options;
  return builder.add({ op: 'linear', x, weight, bias, residual, activation, adapters });
}
