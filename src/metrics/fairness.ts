/**
 * Differences between groups in what a classifier says, each class against all others. With two classes they are Fairlearn's
 * `demographic_parity_difference` and `equalized_odds_difference` (which takes the larger difference of true and false positive rates); with more, the
 * largest over classes.
 */

/** The largest difference between two groups, of 0…1. */
export interface GroupDifference {
  readonly difference: number;
  /** Place of the class that it is about. */
  readonly of: number;
  /** Places of the groups with the lowest and the highest rate. */
  readonly lowest: number;
  readonly highest: number;
}

/** How often groups are taken for a class: equal where who belongs to a group makes no difference to what is said of them. */
export function demographicParityDifference(
  groups: ArrayLike<number>,
  said: ArrayLike<number>,
  classes: number,
): GroupDifference | null {
  return largest(
    Array.from({ length: classes }, (_, of) => {
      const rates = ratesBy(groups, (sample) => (said[sample] === of ? 1 : 0), 1);
      return differenceOf(rates, of);
    }),
  );
}

/**
 * How often groups are taken for a class, among those who are of it and among those who are not: equal where errors are no likelier in one group than in
 * another.
 *
 * @param least fewest samples that a rate is taken of; groups with fewer take no part in it
 */
export function equalisedOddsDifference(
  groups: ArrayLike<number>,
  wanted: ArrayLike<number>,
  said: ArrayLike<number>,
  classes: number,
  least = 1,
): GroupDifference | null {
  return largest(
    Array.from({ length: classes }, (_, of) =>
      [true, false].map((own) => {
        const taken = (sample: number): number | null =>
          (wanted[sample] === of) === own ? (said[sample] === of ? 1 : 0) : null;
        return differenceOf(ratesBy(groups, taken, least), of);
      }),
    ).flat(),
  );
}

/** The mean of a value by group; groups with fewer than `least` values are left out. @param value null for samples that take no part */
function ratesBy(
  groups: ArrayLike<number>,
  value: (sample: number) => number | null,
  least: number,
): ReadonlyMap<number, number> {
  const sums = new Map<number, { sum: number; count: number }>();
  for (let sample = 0; sample < groups.length; sample++) {
    const own = value(sample);
    if (own === null) continue;
    const entry = sums.get(groups[sample]!) ?? { sum: 0, count: 0 };
    sums.set(groups[sample]!, entry);
    entry.sum += own;
    entry.count++;
  }
  return new Map(
    [...sums].filter(([, { count }]) => count >= least).map(([group, { sum, count }]) => [group, sum / count]),
  );
}

function differenceOf(rates: ReadonlyMap<number, number>, of: number): GroupDifference | null {
  if (rates.size < 2) return null;
  const sorted = [...rates].sort(([, a], [, b]) => a - b);
  const [[lowest, low], [highest, high]] = [sorted[0]!, sorted.at(-1)];
  return { difference: high - low, of, lowest, highest };
}

function largest(found: readonly (GroupDifference | null)[]): GroupDifference | null {
  return found.reduce((best, own) => (own !== null && own.difference > (best?.difference ?? -1) ? own : best), null);
}
