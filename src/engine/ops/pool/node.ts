import type { ValueId } from '../../graph/value';
import { fits, keepsNothing, matrixOf, type NodeBuilder, type Operation } from '../operation';

/** One row per sequence: `y[b] = x[b * tokens + index[b]]`. Without index, `row` says which. x `[batch * tokens, D]`, index i32 `[batch]`. */
export interface PoolNode {
  readonly op: 'pool';
  readonly x: ValueId;
  readonly index: ValueId | null;
  readonly row: 'first' | 'last';
  readonly batch: number;
  readonly tokens: number;
  readonly y: ValueId;
}

export const poolOperation: Operation<PoolNode> = {
  ...keepsNothing,
  op: 'pool',
  reads: ['x', 'index'],
  shape({ x, batch, tokens }, shapeOf) {
    const [rows, width] = matrixOf(shapeOf(x), 'the x of pool');
    fits(rows === batch * tokens, 'pool: rows are no multiple of the batch');
    return [batch, width];
  },
};

/** @param row which row of a sequence to take where there is no index */
export function pool(
  builder: NodeBuilder<PoolNode>,
  x: ValueId,
  index: ValueId | null,
  batch: number,
  row: PoolNode['row'] = 'first',
): ValueId {
  const [rows] = matrixOf(builder.shape(x), 'the x of pool');
  fits(rows % batch === 0, 'pool: rows are no multiple of the batch');
  return builder.add({ op: 'pool', x, index, row, batch, tokens: rows / batch });
}
