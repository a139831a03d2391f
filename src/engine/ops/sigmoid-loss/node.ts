import { elementCount, type ValueId } from '../../graph/value';
import { fits, matrixOf, type NodeBuilder, type Operation } from '../operation';

/**
 * Pairwise sigmoid loss (Zhai et al. 2023, arXiv 2303.15343, algorithm 1) of L2-normalised features image and text `[batch, D]`: with logits
 * `z = exp(logitScale) · image · textᵀ + logitBias` and labels t = 1 on the diagonal and -1 elsewhere, `-Σ_ij log σ(t_ij z_ij) / batch`.
 *
 * imageKeys and textKeys (i32 `[batch]`) are those of `ContrastiveLossNode`: pairs off the diagonal with an equal image key or an equal text
 * key are left out of the sum. A negative image key marks padding, whose pairs count nothing; the mean is over samples that are not padding.
 */
export interface SigmoidLossNode {
  readonly op: 'sigmoidLoss';
  readonly image: ValueId;
  readonly text: ValueId;
  /** One element, natural log of the scale. */
  readonly logitScale: ValueId;
  /** One element. */
  readonly logitBias: ValueId;
  readonly imageKeys: ValueId;
  readonly textKeys: ValueId;
  readonly y: ValueId;
}

export const sigmoidLossOperation: Operation<SigmoidLossNode> = {
  op: 'sigmoidLoss',
  reads: ['image', 'text', 'logitScale', 'logitBias', 'imageKeys', 'textKeys'],
  shape({ image, text, logitScale, logitBias, imageKeys, textKeys }, shapeOf) {
    const [batch, width] = matrixOf(shapeOf(image), 'the image of sigmoidLoss');
    const [textBatch, textWidth] = matrixOf(shapeOf(text), 'the text of sigmoidLoss');
    const count = (id: ValueId): number => elementCount(shapeOf(id));
    fits(batch === textBatch && width === textWidth, 'sigmoidLoss: the features differ in shape');
    fits(count(logitScale) === 1 && count(logitBias) === 1, 'sigmoidLoss: scale and bias must have one element');
    fits(count(imageKeys) === batch && count(textKeys) === batch, 'sigmoidLoss: the keys do not match');
    return [];
  },
  keptForBackward: ({ image, text }) => [image, text],
  // The matrix of similarities.
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
    passingBytes: (samples) => 4 * samples ** 2,
    logScale: ({ logitScale }) => logitScale,
  },
};

export function sigmoidLoss(
  builder: NodeBuilder<SigmoidLossNode>,
  image: ValueId,
  text: ValueId,
  options: {
    readonly logitScale: ValueId;
    readonly logitBias: ValueId;
    readonly imageKeys: ValueId;
    readonly textKeys: ValueId;
  },
): ValueId {
  return builder.add({ op: 'sigmoidLoss', image, text, ...options });
}
