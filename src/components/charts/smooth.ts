/**
 * Exponential moving average with bias correction, so that the first values are not pulled towards zero: `m ← w·m + (1−w)·y`, drawn as
 * `m / (1 − wⁿ)` (Kingma and Ba 2015, section 3). Values that are not finite stay gaps and leave the average as it is.
 *
 * @param weight 0 (no smoothing) to below 1
 * @returns as long as `y`
 */
export function smooth(y: ArrayLike<number>, weight: number): Float64Array {
  const out = new Float64Array(y.length);
  let mean = 0;
  let remaining = 1;
  for (let index = 0; index < y.length; index++) {
    const value = y[index] as number;
    if (!Number.isFinite(value)) {
      out[index] = Number.NaN;
      continue;
    }
    mean = weight * mean + (1 - weight) * value;
    remaining *= weight;
    out[index] = mean / (1 - remaining);
  }
  return out;
}
