import type { ValueId } from '../../graph/value';
import { fits, keepsNothing, matrixOf, type NodeBuilder, type Operation } from '../operation';

/**
 * Per image: the class embedding where there is one, then the patches, plus positions. patches `[batch * P, D]`, classEmbedding `[D]`, positions
 * `[P + 1, D]` (`[P, D]` without class embedding), y `[batch * positions, D]`.
 */
export interface ImageTokensNode {
  readonly op: 'imageTokens';
  readonly patches: ValueId;
  readonly classEmbedding: ValueId | null;
  readonly positions: ValueId;
  readonly batch: number;
  readonly y: ValueId;
}

export const imageTokensOperation: Operation<ImageTokensNode> = {
  ...keepsNothing,
  op: 'imageTokens',
  reads: ['patches', 'classEmbedding', 'positions'],
  shape({ patches, classEmbedding, positions, batch }, shapeOf) {
    const [rows, width] = matrixOf(shapeOf(patches), 'the patches of imageTokens');
    const [places, positionWidth] = matrixOf(shapeOf(positions), 'the positions of imageTokens');
    const tokens = rows / batch + (classEmbedding === null ? 0 : 1);
    fits(width === positionWidth && places === tokens, 'imageTokens: the positions do not match');
    return [batch * places, width];
  },
};

export function imageTokens(
  builder: NodeBuilder<ImageTokensNode>,
  patches: ValueId,
  classEmbedding: ValueId | null,
  positions: ValueId,
  batch: number,
): ValueId {
  return builder.add({ op: 'imageTokens', patches, classEmbedding, positions, batch });
}
