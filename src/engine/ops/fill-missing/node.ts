import { elementCount, type ValueId } from '../../graph/value';
import { fits, keepsNothing, matrixOf, type NodeBuilder, type Operation } from '../operation';

/**
 * What stands in the place of samples that are not there: all rows of such a sample become `fill`. x `[batch * tokens, D]`, present i32 `[batch]` (0:
 * missing), fill `[D]`, a parameter.
 */
export interface FillMissingNode {
  readonly op: 'fillMissing';
  readonly x: ValueId;
  readonly present: ValueId;
  readonly fill: ValueId;
  readonly batch: number;
  readonly y: ValueId;
}

export const fillMissingOperation: Operation<FillMissingNode> = {
  ...keepsNothing,
  op: 'fillMissing',
  reads: ['x', 'present', 'fill'],
  shape({ x, present, fill, batch }, shapeOf) {
    const [rows, width] = matrixOf(shapeOf(x), 'the x of fillMissing');
    fits(rows % batch === 0, 'fillMissing: rows are no multiple of the batch');
    fits(elementCount(shapeOf(present)) === batch, 'fillMissing: it is told of each sample whether it is there');
    fits(elementCount(shapeOf(fill)) === width, 'fillMissing: what stands in is as wide as what it stands for');
    return [rows, width];
  },
};

export function fillMissing(
  builder: NodeBuilder<FillMissingNode>,
  x: ValueId,
  present: ValueId,
  fill: ValueId,
): ValueId {
  return builder.add({ op: 'fillMissing', x, present, fill, batch: elementCount(builder.shape(present)) });
}
