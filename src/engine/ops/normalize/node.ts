import type { ValueId } from '../../graph/value';
import { matrixOf, type NodeBuilder, type Operation } from '../operation';

/** `y = x / ||x||₂` per row of x `[M, N]`. */
export interface NormalizeNode {
  readonly op: 'normalize';
  readonly x: ValueId;
  readonly y: ValueId;
}

export const normalizeOperation: Operation<NormalizeNode> = {
  op: 'normalize',
  reads: ['x'],
  shape: ({ x }, shapeOf) => matrixOf(shapeOf(x), 'the x of normalize'),
  keptForBackward: ({ y }) => [y],
  statisticsBytes: () => 0,
  // The loss compares what comes out.
  roundsWell: () => false,
  exactInputs: ({ x }) => [x],
};

export function normalize(builder: NodeBuilder<NormalizeNode>, x: ValueId): ValueId {
  return builder.add({ op: 'normalize', x });
}
