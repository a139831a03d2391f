/** Added to a logit that counts in no softmax: far below any logit, yet finite. */
const leftOut = -1e9;

/**
 * What the keys of a batch mean for the contrastive loss, for one direction; the other direction uses the same tables, since both relations
 * are symmetric.
 *
 * - `mask` `[batch, batch]`: 0 where a pair counts, else a large negative number. The diagonal always counts; other pairs count where
 *   both samples are real and differ in picture and caption.
 * - `target` `[batch, batch]`: the smoothed target distribution of each row, divided by the number of real samples; rows of padding are 0.
 *
 * @param imageKeys negative for padding
 */
export function contrastiveTargets(
  imageKeys: ArrayLike<number>,
  textKeys: ArrayLike<number>,
  labelSmoothing: number,
): { mask: Float32Array<ArrayBuffer>; target: Float32Array<ArrayBuffer> } {
  const batch = imageKeys.length;
  const mask = new Float32Array(batch * batch).fill(leftOut);
  const target = new Float32Array(batch * batch);
  const { labels, samples } = pairLabels(imageKeys, textKeys);
  for (let row = 0; row < batch; row++) {
    mask[row * batch + row] = 0;
    const counted = Array.from({ length: batch }, (_, column) => column).filter(
      (column) => labels[row * batch + column] !== 0,
    );
    for (const column of counted) {
      mask[row * batch + column] = 0;
      const share = labelSmoothing / counted.length + (row === column ? 1 - labelSmoothing : 0);
      target[row * batch + column] = share / samples;
    }
  }
  return { mask, target };
}

/**
 * What the keys of a batch say of its pairs, `[batch, batch]`: 1 where picture and caption belong together, -1 where they do not, 0 where the
 * pair counts nothing, because one of them is padding or both share a picture or a caption. With it the number of samples that are no padding.
 *
 * @param imageKeys negative for padding
 */
export function pairLabels(
  imageKeys: ArrayLike<number>,
  textKeys: ArrayLike<number>,
): { labels: Float32Array<ArrayBuffer>; samples: number } {
  const batch = imageKeys.length;
  const labels = new Float32Array(batch * batch);
  const real = Array.from(imageKeys, (key) => key >= 0);
  for (let row = 0; row < batch; row++) {
    for (let column = 0; column < batch; column++) {
      if (real[row] !== true || real[column] !== true) continue;
      if (row === column) labels[row * batch + column] = 1;
      else if (imageKeys[row] !== imageKeys[column] && textKeys[row] !== textKeys[column]) {
        labels[row * batch + column] = -1;
      }
    }
  }
  return { labels, samples: real.filter(Boolean).length };
}
