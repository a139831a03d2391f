import { averageRanks } from './ranks';

/** Measures of numbers that were wanted and said, as scikit-learn (`mean_squared_error`, `mean_absolute_error`, `r2_score`) and SciPy define them. */

/** Mean of the squared differences. */
export function meanSquaredError(wanted: ArrayLike<number>, said: ArrayLike<number>): number {
  return mean(Float64Array.from(wanted, (value, index) => (said[index]! - value) ** 2));
}

/** Mean of the differences without their sign. */
export function meanAbsoluteError(wanted: ArrayLike<number>, said: ArrayLike<number>): number {
  return mean(Float64Array.from(wanted, (value, index) => Math.abs(said[index]! - value)));
}

/**
 * R²: the share of the variance of what was wanted that is explained; below 0 where the mean would do better. Where all wanted are equal, 1 if all are
 * met, else 0. NaN for fewer than two samples.
 */
export function r2(wanted: ArrayLike<number>, said: ArrayLike<number>): number {
  if (wanted.length < 2) return NaN;
  const middle = mean(wanted);
  let [left, all] = [0, 0];
  for (let index = 0; index < wanted.length; index++) {
    left += (wanted[index]! - said[index]!) ** 2;
    all += (wanted[index]! - middle) ** 2;
  }
  if (all === 0) return left === 0 ? 1 : 0;
  return 1 - left / all;
}

/** Pearson's correlation; NaN where either side is constant. */
function pearson(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const [meanA, meanB] = [mean(a), mean(b)];
  let [both, ofA, ofB] = [0, 0, 0];
  for (let index = 0; index < a.length; index++) {
    const [x, y] = [a[index]! - meanA, b[index]! - meanB];
    both += x * y;
    ofA += x * x;
    ofB += y * y;
  }
  return both / Math.sqrt(ofA * ofB);
}

/** Spearman's ρ (`scipy.stats.spearmanr`): Pearson's correlation of ranks, equal values at their mean rank; NaN where either side is constant. */
export function spearman(wanted: ArrayLike<number>, said: ArrayLike<number>): number {
  return pearson(averageRanks(wanted), averageRanks(said));
}

/**
 * Kendall's τ-b (`scipy.stats.kendalltau`): pairs in the same order less those in the other, by how many are equal on neither side; NaN where either side
 * is constant. Pairs are counted while sorting (Knight, 1966), in time n log n.
 */
export function kendall(wanted: ArrayLike<number>, said: ArrayLike<number>): number {
  const order = Int32Array.from({ length: wanted.length }, (_, index) => index).sort(
    (a, b) => wanted[a]! - wanted[b]! || said[a]! - said[b]!,
  );
  const pairs = (order.length * (order.length - 1)) / 2;
  const tiedWanted = tiedPairs(order, (a, b) => wanted[a] === wanted[b]);
  const tiedBoth = tiedPairs(order, (a, b) => wanted[a] === wanted[b] && said[a] === said[b]);
  const values = Float64Array.from(order, (index) => said[index]!);
  const swapped = swaps(values);
  const sorted = Int32Array.from(values.keys());
  const tiedSaid = tiedPairs(sorted, (a, b) => values[a] === values[b]);
  const difference = pairs - tiedWanted - tiedSaid + tiedBoth - 2 * swapped;
  return difference / Math.sqrt((pairs - tiedWanted) * (pairs - tiedSaid));
}

/** Pairs of equal ones among sorted ones. */
function tiedPairs(order: Int32Array, equal: (a: number, b: number) => boolean): number {
  let [pairs, run] = [0, 1];
  for (let at = 1; at <= order.length; at++) {
    if (at < order.length && equal(order[at]!, order[at - 1]!)) run++;
    else {
      pairs += (run * (run - 1)) / 2;
      run = 1;
    }
  }
  return pairs;
}

/** Sorts values by merging, and counts the pairs that stood the wrong way round. */
function swaps(values: Float64Array): number {
  const other = new Float64Array(values.length);
  let count = 0;
  for (let width = 1; width < values.length; width *= 2) {
    for (let from = 0; from < values.length; from += 2 * width) {
      const [middle, end] = [Math.min(from + width, values.length), Math.min(from + 2 * width, values.length)];
      let [left, right] = [from, middle];
      for (let at = from; at < end; at++) {
        if (left < middle && (right >= end || values[left]! <= values[right]!)) other[at] = values[left++]!;
        else {
          count += middle - left;
          other[at] = values[right++]!;
        }
      }
    }
    values.set(other);
  }
  return count;
}

function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let index = 0; index < values.length; index++) sum += values[index]!;
  return sum / values.length;
}
