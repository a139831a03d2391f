import type { ValueId } from '../../graph/value';
import { fits, keepsNothing, matrixOf, type NodeBuilder, type Operation } from '../operation';

/** Two matrices side by side: left `[rows, a]` and right `[rows, b]` become `[rows, a + b]`. */
export interface ConcatNode {
  readonly op: 'concat';
  readonly left: ValueId;
  readonly right: ValueId;
  readonly y: ValueId;
}

export const concatOperation: Operation<ConcatNode> = {
  ...keepsNothing,
  op: 'concat',
  reads: ['left', 'right'],
  shape({ left, right }, shapeOf) {
    const [rows, a] = matrixOf(shapeOf(left), 'the left of concat');
    const [others, b] = matrixOf(shapeOf(right), 'the right of concat');
    fits(rows === others, 'concat: left and right have different numbers of rows');
    return [rows, a + b];
  },
};

export function concat(builder: NodeBuilder<ConcatNode>, left: ValueId, right: ValueId): ValueId {
  return builder.add({ op: 'concat', left, right });
}
