/** Added to a logit that counts in no softmax: far below any logit, yet finite. */
const LEFT_OUT = -1e9;

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
  const mask = new Float32Array(batch * batch).fill(LEFT_OUT);
  const target = new Float32Array(batch * batch);
  const real = Array.from(imageKeys, (key) => key >= 0);
  const samples = real.filter(Boolean).length;
  for (let row = 0; row < batch; row++) {
    const counts = (column: number): boolean =>
      row === column ||
      (real[row] === true &&
        real[column] === true &&
        imageKeys[row] !== imageKeys[column] &&
        textKeys[row] !== textKeys[column]);
    const kept = Array.from({ length: batch }, (_, column) => column).filter(counts);
    for (const column of kept) {
      mask[row * batch + column] = 0;
      if (real[row] !== true) continue;
      const share = labelSmoothing / kept.length + (row === column ? 1 - labelSmoothing : 0);
      target[row * batch + column] = share / samples;
    }
  }
  return { mask, target };
}
