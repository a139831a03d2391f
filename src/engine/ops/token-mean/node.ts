import type { ValueId } from '../../graph/value';
import { fits, keepsNothing, matrixOf, type NodeBuilder, type Operation } from '../operation';

/** The mean of the rows of each sequence, without the first `skipped` (a class token): x `[batch * tokens, D]` becomes `[batch, D]`. */
export interface TokenMeanNode {
  readonly op: 'tokenMean';
  readonly x: ValueId;
  readonly batch: number;
  readonly tokens: number;
  readonly skipped: number;
  readonly y: ValueId;
}

export const tokenMeanOperation: Operation<TokenMeanNode> = {
  ...keepsNothing,
  op: 'tokenMean',
  reads: ['x'],
  shape({ x, batch, tokens, skipped }, shapeOf) {
    const [rows, width] = matrixOf(shapeOf(x), 'the x of tokenMean');
    fits(rows === batch * tokens, 'tokenMean: rows are no multiple of the batch');
    fits(skipped >= 0 && skipped < tokens, 'tokenMean: no row of a sequence is left');
    return [batch, width];
  },
};

/** @param skipped rows at the beginning of each sequence that do not count */
export function tokenMean(builder: NodeBuilder<TokenMeanNode>, x: ValueId, batch: number, skipped = 0): ValueId {
  const [rows] = matrixOf(builder.shape(x), 'the x of tokenMean');
  fits(rows % batch === 0, 'tokenMean: rows are no multiple of the batch');
  return builder.add({ op: 'tokenMean', x, batch, tokens: rows / batch, skipped });
}
