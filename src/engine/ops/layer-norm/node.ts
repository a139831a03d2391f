import { elementCount, type ValueId } from '../../graph/value';
import { fits, matrixOf, type NodeBuilder, type Operation } from '../operation';

/** Layer normalisation over the last axis of x `[M, N]`; weight and bias `[N]`. Biased variance, as in PyTorch. */
export interface LayerNormNode {
  readonly op: 'layerNorm';
  readonly x: ValueId;
  readonly weight: ValueId;
  readonly bias: ValueId;
  readonly epsilon: number;
  readonly y: ValueId;
}

export const layerNormOperation: Operation<LayerNormNode> = {
  op: 'layerNorm',
  reads: ['x', 'weight', 'bias'],
  shape({ x, weight, bias }, shapeOf) {
    const shape = matrixOf(shapeOf(x), 'the x of layerNorm');
    fits(elementCount(shapeOf(weight)) === shape[1], 'layerNorm: the weight does not match x');
    fits(elementCount(shapeOf(bias)) === shape[1], 'layerNorm: the bias does not match x');
    return shape;
  },
  keptForBackward: ({ x }) => [x],
  // Mean and reciprocal standard deviation of each row.
  statisticsBytes: ({ x, weight }, bytes) => 2 * (bytes(x) / (bytes(weight) / 4)),
  roundsWell: () => true,
  exactInputs: () => [],
};

export function layerNorm(
  builder: NodeBuilder<LayerNormNode>,
  x: ValueId,
  weight: ValueId,
  bias: ValueId,
  epsilon: number,
): ValueId {
  return builder.add({ op: 'layerNorm', x, weight, bias, epsilon });
}
