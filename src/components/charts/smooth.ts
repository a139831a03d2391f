/**
 * Exponential moving average with bias correction, so that the first values are not pulled towards zero: `m ← w·m + (1−w)·y`, read as
 * `m / (1 − wⁿ)` (Kingma and Ba 2015, section 3). Values that are not finite stay gaps and leave the average as it is.
 */
export class MovingAverage {
  private mean = 0;
  private remaining = 1;

  /** @param weight 0 (no smoothing) to below 1 */
  constructor(private readonly weight: number) {}

  /** The average after the next value; NaN where that is not finite. */
  take(value: number): number {
    if (!Number.isFinite(value)) return NaN;
    this.mean = this.weight * this.mean + (1 - this.weight) * value;
    this.remaining *= this.weight;
    return this.mean / (1 - this.remaining);
  }
}
