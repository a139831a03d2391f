/** Features of the pairs of one batch with the keys of the graph's `contrastiveLoss` node. */
export interface LossBatch {
  /** L2-normalised, `[rows, width]`. */
  readonly image: Float32Array;
  /** L2-normalised, `[rows, width]`. */
  readonly text: Float32Array;
  readonly width: number;
  /** Equal for rows that show the same picture. */
  readonly imageKeys: Int32Array;
  /** Equal for rows that carry the same caption. */
  readonly textKeys: Int32Array;
}

/**
 * The symmetric contrastive loss (arXiv 2103.00020, figure 3) of finished features: the same value as the graph's `contrastiveLoss` node, in
 * double precision.
 *
 * @param logitScale natural logarithm of the scale
 */
export function contrastiveLoss(batch: LossBatch, logitScale: number, labelSmoothing: number): number {
  const losses = contrastiveLosses(batch, logitScale, labelSmoothing);
  return losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
}

/**
 * What each pair adds to the symmetric contrastive loss: the mean of the cross-entropies of its picture among the captions and of its caption
 * among the pictures. Off-diagonal pairs of one picture or one caption are left out of the softmax; label smoothing is spread over those left in.
 *
 * @param logitScale natural logarithm of the scale
 */
export function contrastiveLosses(batch: LossBatch, logitScale: number, labelSmoothing: number): Float64Array {
  const { image, text, width, imageKeys, textKeys } = batch;
  const rows = imageKeys.length;
  const scale = Math.exp(logitScale);
  const logits = new Float64Array(rows * rows);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < rows; j++) {
      let sum = 0;
      for (let k = 0; k < width; k++) sum += image[i * width + k]! * text[j * width + k]!;
      logits[i * rows + j] = scale * sum;
    }
  }
  const counts = (i: number, j: number): boolean =>
    i === j || (imageKeys[i] !== imageKeys[j] && textKeys[i] !== textKeys[j]);
  return Float64Array.from({ length: rows }, (_, i) => {
    const among = crossEntropy(rows, i, (j) => logits[i * rows + j]!, counts, labelSmoothing);
    const back = crossEntropy(rows, i, (j) => logits[j * rows + i]!, counts, labelSmoothing);
    return (among + back) / 2;
  });
}

/** Cross-entropy of row `target` against itself over the columns that count, as `torch.nn.CrossEntropyLoss` with label smoothing. */
function crossEntropy(
  columns: number,
  target: number,
  logit: (column: number) => number,
  counts: (row: number, column: number) => boolean,
  labelSmoothing: number,
): number {
  let max = -Infinity;
  let sum = 0;
  let kept = 0;
  for (let j = 0; j < columns; j++) {
    if (!counts(target, j)) continue;
    kept++;
    sum += logit(j);
    max = Math.max(max, logit(j));
  }
  let exponentials = 0;
  for (let j = 0; j < columns; j++) if (counts(target, j)) exponentials += Math.exp(logit(j) - max);
  const logSum = max + Math.log(exponentials);
  return logSum - (1 - labelSmoothing) * logit(target) - labelSmoothing * (sum / kept);
}
