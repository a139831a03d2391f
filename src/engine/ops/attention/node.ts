import { elementCount, type ValueId } from '../../graph/value';
import { fits, matrixOf, type NodeBuilder, type Operation } from '../operation';

/**
 * Multi-head scaled dot-product attention. Head h uses columns `h * headSize … (h + 1) * headSize` of queries, keys and values alike. Scale
 * `headSize^-0.5`. y `[batch * tokens, width]` with `width = heads * headSize`.
 *
 * Tokens attend to each other, or to keys that lie apart:
 * - qkv `[batch * tokens, 3 * width]` holds query, key and value of each token side by side; query and keyValue are null.
 * - query `[batch * tokens, width]`, or `[tokens, width]` where all sequences share it, and keyValue `[batch * keys, 2 * width]`, key and value side
 *   by side; qkv is null.
 */
export interface AttentionNode {
  readonly op: 'attention';
  readonly qkv: ValueId | null;
  readonly query: ValueId | null;
  readonly keyValue: ValueId | null;
  readonly batch: number;
  /** Queries of a sequence. */
  readonly tokens: number;
  /** Keys of a sequence; equal to `tokens` with qkv. */
  readonly keys: number;
  readonly heads: number;
  readonly headSize: number;
  /** Query i sees keys up to position offset + i only. */
  readonly causal: boolean;
  /** i32 `[batch]`: keys at or beyond this position are masked. Null: all keys count. */
  readonly lengths: ValueId | null;
  /** With `causal` and without `lengths`, i32 `[batch]`: position of a sequence's first query among its keys, not negative. Null: 0. */
  readonly offsets: ValueId | null;
  /** Probability that an attention weight is dropped while training, 0…<1. Inference ignores it. */
  readonly dropout: number;
  readonly y: ValueId;
}

export const attentionOperation: Operation<AttentionNode> = {
  op: 'attention',
  reads: ['qkv', 'query', 'keyValue', 'lengths', 'offsets'],
  shape({ qkv, query, keyValue, batch, tokens, keys, heads, headSize, causal, lengths, offsets }, shapeOf) {
    const width = heads * headSize;
    const holds = (id: ValueId, what: string, rows: readonly number[], columns: number): void => {
      const [actualRows, actualColumns] = matrixOf(shapeOf(id), `the ${what} of attention`);
      fits(rows.includes(actualRows), `attention: the rows of its ${what} do not match the batch`);
      fits(actualColumns === columns, `attention: the width of its ${what} does not match the heads`);
    };
    if (qkv !== null) {
      fits(query === null && keyValue === null && keys === tokens, 'attention: either qkv, or query and keyValue');
      holds(qkv, 'qkv', [batch * tokens], 3 * width);
    } else {
      fits(query !== null && keyValue !== null, 'attention: without qkv it needs query and keyValue');
      holds(query, 'query', [batch * tokens, tokens], width);
      holds(keyValue, 'keyValue', [batch * keys], 2 * width);
    }
    fits(offsets === null || (causal && lengths === null), 'attention: offsets go with causal and without lengths');
    for (const id of [lengths, offsets]) {
      fits(id === null || elementCount(shapeOf(id)) === batch, 'attention: one length or offset for each sequence');
    }
    return [batch * tokens, width];
  },
  keptForBackward: ({ qkv, query, keyValue, y }) => [qkv, query, keyValue, y].filter((id) => id !== null),
  // Of each query and head the logarithm of its sum of exponentials, and where keys lie apart what backward computes of it.
  statisticsBytes: ({ qkv, batch, heads, tokens }) => (qkv === null ? 8 : 4) * batch * heads * tokens,
  // Scores and their product with the values; backward the scores anew, and two products for each of both.
  multiplyAdds: ({ batch, tokens, keys, heads, headSize }, _shapeOf, wanted) =>
    (wanted === null ? 2 : 5) * batch * heads * tokens * keys * headSize,
  roundsWell: () => true,
  exactInputs: () => [],
};

/** Self-attention of `[batch * tokens, 3 * width]`. */
export function attention(
  builder: NodeBuilder<AttentionNode>,
  qkv: ValueId,
  options: {
    readonly batch: number;
    readonly heads: number;
    readonly causal: boolean;
    readonly lengths?: ValueId | null;
    readonly dropout?: number;
  },
): ValueId {
  const [rows, columns] = matrixOf(builder.shape(qkv), 'the qkv of attention');
  const { batch, heads, causal, lengths = null, dropout = 0 } = options;
  fits(rows % batch === 0, 'attention: rows are no multiple of the batch');
  fits(columns % (3 * heads) === 0, 'attention: the width is no multiple of the heads');
  const tokens = rows / batch;
  return builder.add({
    op: 'attention',
    qkv,
    query: null,
    keyValue: null,
    batch,
    tokens,
    keys: tokens,
    heads,
    headSize: columns / (3 * heads),
    causal,
    lengths,
    offsets: null,
    dropout,
  });
}

/** Attention of queries to keys and values of their own: cross-attention, pooling by learned queries, decoding over kept keys and values. */
export function crossAttention(
  builder: NodeBuilder<AttentionNode>,
  query: ValueId,
  keyValue: ValueId,
  options: {
    readonly batch: number;
    readonly heads: number;
    /** Whether `query` is `[tokens, width]`, the same for all sequences. Default: `[batch * tokens, width]`. */
    readonly sharedQuery?: boolean;
    readonly causal?: boolean;
    readonly lengths?: ValueId | null;
    readonly offsets?: ValueId | null;
    readonly dropout?: number;
  },
): ValueId {
  const [queryRows, width] = matrixOf(builder.shape(query), 'the query of attention');
  const [keyRows] = matrixOf(builder.shape(keyValue), 'the keyValue of attention');
  const { batch, heads, sharedQuery = false, causal = false, lengths = null, offsets = null, dropout = 0 } = options;
  const tokens = sharedQuery ? queryRows : queryRows / batch;
  fits(Number.isInteger(tokens) && keyRows % batch === 0, 'attention: rows are no multiple of the batch');
  fits(width % heads === 0, 'attention: the width is no multiple of the heads');
  return builder.add({
    op: 'attention',
    qkv: null,
    query,
    keyValue,
    batch,
    tokens,
    keys: keyRows / batch,
    heads,
    headSize: width / heads,
    causal,
    lengths,
    offsets,
    dropout,
  });
}

/** What a node attends with; its fields say which of the two it is. */
export function sourcesOf({
  qkv,
  query,
  keyValue,
}: Pick<AttentionNode, 'qkv' | 'query' | 'keyValue'>):
  | { readonly kind: 'together'; readonly qkv: ValueId }
  | { readonly kind: 'apart'; readonly query: ValueId; readonly keyValue: ValueId } {
  if (qkv !== null) return { kind: 'together', qkv };
  if (query === null || keyValue === null) throw new Error('Attention needs qkv, or query and keyValue.');
  return { kind: 'apart', query, keyValue };
}
