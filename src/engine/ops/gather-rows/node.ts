import { elementCount, type ValueId } from '../../graph/value';
import { fits, keepsNothing, matrixOf, type NodeBuilder, type Operation } from '../operation';

/**
 * Sequences in another order: `y[b * tokens + t] = x[index[b] * tokens + t]`. x `[sequences * tokens, D]`, index i32 `[batch]` with numbers of
 * sequences, each any number of times; y `[batch * tokens, D]`. With one token, rows of a matrix.
 */
export interface GatherRowsNode {
  readonly op: 'gatherRows';
  readonly x: ValueId;
  readonly index: ValueId;
  readonly tokens: number;
  readonly y: ValueId;
}

export const gatherRowsOperation: Operation<GatherRowsNode> = {
  ...keepsNothing,
  op: 'gatherRows',
  reads: ['x', 'index'],
  shape({ x, index, tokens }, shapeOf) {
    const [rows, width] = matrixOf(shapeOf(x), 'the x of gatherRows');
    fits(rows % tokens === 0, 'gatherRows: the rows are no multiple of the tokens');
    return [elementCount(shapeOf(index)) * tokens, width];
  },
};

export function gatherRows(builder: NodeBuilder<GatherRowsNode>, x: ValueId, index: ValueId, tokens = 1): ValueId {
  return builder.add({ op: 'gatherRows', x, index, tokens });
}
