import type { GraphBuilder } from '../../graph/builder';
import type { ValueId } from '../../graph/ir';
import { fits, keepsNothing, matrixOf, type Operation } from '../operation';

/** `y[b * tokens + t] = table[ids[b, t]] + positions[t]`. ids i32 `[batch, tokens]`, table `[V, D]`, positions `[>= tokens, D]`. */
export interface TokenEmbeddingNode {
  readonly op: 'tokenEmbedding';
  readonly ids: ValueId;
  readonly table: ValueId;
  readonly positions: ValueId;
  readonly y: ValueId;
}

export const tokenEmbeddingOperation: Operation<TokenEmbeddingNode> = {
  ...keepsNothing,
  op: 'tokenEmbedding',
  reads: ['ids', 'table', 'positions'],
  shape({ ids, table, positions }, shapeOf) {
    const [batch, tokens] = matrixOf(shapeOf(ids), 'the ids of tokenEmbedding');
    const [, width] = matrixOf(shapeOf(table), 'the table of tokenEmbedding');
    const [places, positionWidth] = matrixOf(shapeOf(positions), 'the positions of tokenEmbedding');
    fits(width === positionWidth && places >= tokens, 'tokenEmbedding: the positions do not match');
    return [batch * tokens, width];
  },
};

export function tokenEmbedding(builder: GraphBuilder, ids: ValueId, table: ValueId, positions: ValueId): ValueId {
  return builder.add({ op: 'tokenEmbedding', ids, table, positions });
}
