import { elementCount, type ValueId } from '../../graph/value';
import { fits, matrixOf, type NodeBuilder, type Operation } from '../operation';

/**
 * Symmetric contrastive loss (Radford et al. 2021, arXiv 2103.00020, figure 3) of L2-normalised features image and text `[batch, D]`:
 * the mean of both cross-entropies over `exp(logitScale) · image · textᵀ`, targets on the diagonal.
 *
 * imageKeys and textKeys (i32 `[batch]`) say which samples show the same picture or carry the same caption: off-diagonal pairs with an equal
 * image key or an equal text key are left out of the softmax. A negative image key marks padding: the sample counts in no row and no column.
 * Label smoothing ε as in `torch.nn.CrossEntropyLoss`, spread over the pairs that are left in. The mean is over samples that are not padding.
 */
export interface ContrastiveLossNode {
  readonly op: 'contrastiveLoss';
  readonly image: ValueId;
  readonly text: ValueId;
  /** Scalar, natural log of the scale. */
  readonly logitScale: ValueId;
  readonly imageKeys: ValueId;
  readonly textKeys: ValueId;
  readonly labelSmoothing: number;
  readonly y: ValueId;
}

export const contrastiveLossOperation: Operation<ContrastiveLossNode> = {
  op: 'contrastiveLoss',
  reads: ['image', 'text', 'logitScale', 'imageKeys', 'textKeys'],
  shape({ image, text, logitScale, imageKeys, textKeys }, shapeOf) {
    const [batch, width] = matrixOf(shapeOf(image), 'the image of contrastiveLoss');
    const [textBatch, textWidth] = matrixOf(shapeOf(text), 'the text of contrastiveLoss');
    const count = (id: ValueId): number => elementCount(shapeOf(id));
    fits(batch === textBatch && width === textWidth, 'contrastiveLoss: the features differ in shape');
    fits(count(logitScale) === 1, 'contrastiveLoss: the logit scale must be a scalar');
    fits(count(imageKeys) === batch && count(textKeys) === batch, 'contrastiveLoss: the keys do not match');
    return [];
  },
  keptForBackward: ({ image, text }) => [image, text],
  // The matrix of logits.
  statisticsBytes: ({ imageKeys }, bytes) => bytes(imageKeys) ** 2 / 4,
  // All pictures with all captions; backward once for each of the two.
  multiplyAdds: ({ image, text }, shapeOf, wanted) =>
    (shapeOf(image)[0] ?? 0) *
    elementCount(shapeOf(image)) *
    (wanted === null ? 1 : [image, text].filter((id) => wanted.has(id)).length),
  roundsWell: () => false,
  exactInputs: ({ image, text }) => [image, text],
  loss: {
    compared: ({ image, text }) => [image, text],
    perSample: ({ imageKeys, textKeys }) => [imageKeys, textKeys],
    // The matrix of logits, and what is kept of each row and column.
    passingBytes: (samples) => 4 * samples ** 2 + 16 * samples,
    logScale: ({ logitScale }) => logitScale,
  },
};

export function contrastiveLoss(
  builder: NodeBuilder<ContrastiveLossNode>,
  image: ValueId,
  text: ValueId,
  logitScale: ValueId,
  options: { readonly imageKeys: ValueId; readonly textKeys: ValueId; readonly labelSmoothing: number },
): ValueId {
  return builder.add({ op: 'contrastiveLoss', image, text, logitScale, ...options });
}
