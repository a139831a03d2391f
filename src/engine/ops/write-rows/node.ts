import { elementCount, type ValueId } from '../../graph/value';
import { fits, keepsNothing, matrixOf, type NodeBuilder, type Operation } from '../operation';

/**
 * Writes rows into a state: row i of each sequence's part of x `[batch * tokens, D]` goes to row offset + i of its part of state
 * `[batch * capacity, D]`. y is the state with these rows, for nodes that follow. Gradients go to x; what the state held is a constant.
 *
 * The state may be the result of an earlier node of this kind, whose rows then stay where they are not written over.
 *
 * Keys and values of a decoder are kept this way, and with x as large as the state it takes a new value, such as a running average.
 */
export interface WriteRowsNode {
  readonly op: 'writeRows';
  readonly state: ValueId;
  readonly x: ValueId;
  /** i32 `[batch]`, not negative; the rows must not pass the end of the sequence's part. Null: all are 0. */
  readonly offsets: ValueId | null;
  readonly batch: number;
  readonly y: ValueId;
}

export const writeRowsOperation: Operation<WriteRowsNode> = {
  ...keepsNothing,
  op: 'writeRows',
  reads: ['state', 'x', 'offsets'],
  writes: 'state',
  shape({ state, x, offsets, batch }, shapeOf) {
    const [places, width] = matrixOf(shapeOf(state), 'the state of writeRows');
    const [rows, rowWidth] = matrixOf(shapeOf(x), 'the x of writeRows');
    fits(width === rowWidth, 'writeRows: the rows are not as wide as the state');
    fits(places % batch === 0 && rows % batch === 0 && rows <= places, 'writeRows: the rows do not fit the batch');
    fits(offsets === null || elementCount(shapeOf(offsets)) === batch, 'writeRows: one offset for each sequence');
    return [places, width];
  },
};

export function writeRows(
  builder: NodeBuilder<WriteRowsNode>,
  state: ValueId,
  x: ValueId,
  { batch, offsets = null }: { readonly batch: number; readonly offsets?: ValueId | null },
): ValueId {
  return builder.add({ op: 'writeRows', state, x, offsets, batch });
}
