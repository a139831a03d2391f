import { elementCount, type ValueId } from '../../graph/value';
import { fits, keepsNothing, matrixOf, type NodeBuilder, type Operation } from '../operation';

/**
 * `y[b * tokens + t] = table[ids[b, t]] + positions[offset[b] + t]`. ids i32 `[batch, tokens]`, table `[V, D]`, positions `[>= tokens, D]`.
 */
export interface TokenEmbeddingNode {
  readonly op: 'tokenEmbedding';
  readonly ids: ValueId;
  readonly table: ValueId;
  readonly positions: ValueId;
  /** i32 `[batch]`, not negative: position of each sequence's first token; none may come to lie past the last position. Null: all are 0. */
  readonly offsets: ValueId | null;
  /** Id whose row of the table takes no gradient, as `padding_idx` of `torch.nn.Embedding`; null: there is none. */
  readonly padding: number | null;
  readonly y: ValueId;
}

export const tokenEmbeddingOperation: Operation<TokenEmbeddingNode> = {
  ...keepsNothing,
  op: 'tokenEmbedding',
  reads: ['ids', 'table', 'positions', 'offsets'],
  shape({ ids, table, positions, offsets }, shapeOf) {
    const [batch, tokens] = matrixOf(shapeOf(ids), 'the ids of tokenEmbedding');
    const [, width] = matrixOf(shapeOf(table), 'the table of tokenEmbedding');
    const [places, positionWidth] = matrixOf(shapeOf(positions), 'the positions of tokenEmbedding');
    fits(width === positionWidth && places >= tokens, 'tokenEmbedding: the positions do not match');
    fits(offsets === null || elementCount(shapeOf(offsets)) === batch, 'tokenEmbedding: one offset for each sequence');
    return [batch * tokens, width];
  },
};

export function tokenEmbedding(
  builder: NodeBuilder<TokenEmbeddingNode>,
  ids: ValueId,
  table: ValueId,
  positions: ValueId,
  { offsets = null, padding = null }: { readonly offsets?: ValueId | null; readonly padding?: number | null } = {},
): ValueId {
  return builder.add({ op: 'tokenEmbedding', ids, table, positions, offsets, padding });
}
