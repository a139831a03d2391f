import type { GraphBuilder } from '../../graph/builder';
import type { ValueId } from '../../graph/ir';
import { fits, matrixOf, type Operation } from '../operation';

/**
 * Multi-head scaled dot-product attention. qkv `[batch * tokens, 3 * width]` holds query, key and value side by side; head h uses
 * columns `h * headSize … (h + 1) * headSize` of each third. Scale `headSize^-0.5`. y `[batch * tokens, width]`.
 */
export interface AttentionNode {
  readonly op: 'attention';
  readonly qkv: ValueId;
  readonly batch: number;
  readonly tokens: number;
  readonly heads: number;
  readonly headSize: number;
  readonly causal: boolean;
  /** i32 `[batch]`: keys at or beyond this position are masked. Null: all keys count. */
  readonly lengths: ValueId | null;
  /** Probability that an attention weight is dropped while training, 0…<1. Inference ignores it. */
  readonly dropout: number;
  readonly y: ValueId;
}

export const attentionOperation: Operation<AttentionNode> = {
  op: 'attention',
  reads: ['qkv', 'lengths'],
  shape({ qkv, batch, tokens, heads, headSize }, shapeOf) {
    const [rows, columns] = matrixOf(shapeOf(qkv), 'the qkv of attention');
    fits(rows === batch * tokens, 'attention: rows are no multiple of the batch');
    fits(columns === 3 * heads * headSize, 'attention: the width is no multiple of the heads');
    return [rows, columns / 3];
  },
  keptForBackward: ({ qkv, y }) => [qkv, y],
  // The logarithm of each query's sum of exponentials.
  statisticsBytes: ({ batch, heads, tokens }) => 4 * batch * heads * tokens,
  roundsWell: () => true,
  exactInputs: () => [],
};

export function attention(
  builder: GraphBuilder,
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
  const [tokens, headSize] = [rows / batch, columns / (3 * heads)];
  return builder.add({ op: 'attention', qkv, batch, tokens, heads, headSize, causal, lengths, dropout });
}
