/**
 * Regression trees (CART, Breiman et al. 1984) that part the values of trials by one field at a time, so that the squared error is least, until each
 * leaf holds one value: what scikit-learn's `DecisionTreeRegressor` grows where nothing limits it.
 */
export type Tree =
  | { readonly value: number }
  | {
      readonly feature: number;
      /** Places up to it are `low`. */
      readonly threshold: number;
      readonly low: Tree;
      readonly high: Tree;
    };

/** Trials by the places of their fields and what they scored; all lists are as long as there are trials, or fields. */
export interface Samples {
  readonly places: readonly (readonly number[])[];
  readonly scores: readonly number[];
}

interface Split {
  readonly feature: number;
  readonly threshold: number;
  readonly gain: number;
}

/** @param rows of which trials it is grown; a trial may be among them several times */
export function grow(samples: Samples, rows: readonly number[]): Tree {
  const split = bestSplit(samples, rows);
  if (split === null) return { value: mean(samples, rows) };
  const { feature, threshold } = split;
  const isLow = (row: number): boolean => placeOf(samples, row, feature) <= threshold;
  return {
    feature,
    threshold,
    low: grow(samples, rows.filter(isLow)),
    high: grow(
      samples,
      rows.filter((row) => !isLow(row)),
    ),
  };
}

/** The split after which the squared error is least; null where no split makes it less. */
function bestSplit(samples: Samples, rows: readonly number[]): Split | null {
  const first = scoreOf(samples, rows[0] ?? 0);
  if (rows.every((row) => scoreOf(samples, row) === first)) return null;
  const features = samples.places[0]?.length ?? 0;
  let best: Split | null = null;
  for (let feature = 0; feature < features; feature++) {
    const found = bestSplitBy(samples, rows, feature);
    if (found !== null && found.gain > (best?.gain ?? -Infinity)) best = found;
  }
  return best;
}

/** To part the sum of squares into means: the more their squares come to, the less is left (`(Σ low)² / n + (Σ high)² / n`). */
function bestSplitBy(samples: Samples, rows: readonly number[], feature: number): Split | null {
  const sorted = [...rows].sort((a, b) => placeOf(samples, a, feature) - placeOf(samples, b, feature));
  const total = sorted.reduce((sum, row) => sum + scoreOf(samples, row), 0);
  let best: Split | null = null;
  let low = 0;
  for (let count = 1; count < sorted.length; count++) {
    const [before, after] = [sorted[count - 1] as number, sorted[count] as number];
    low += scoreOf(samples, before);
    const [from, to] = [placeOf(samples, before, feature), placeOf(samples, after, feature)];
    if (from === to) continue;
    const gain = low ** 2 / count + (total - low) ** 2 / (sorted.length - count);
    if (best === null || gain > best.gain) best = { feature, threshold: (from + to) / 2, gain };
  }
  return best;
}

function mean(samples: Samples, rows: readonly number[]): number {
  return rows.reduce((sum, row) => sum + scoreOf(samples, row), 0) / rows.length;
}

function placeOf({ places }: Samples, row: number, feature: number): number {
  return places[row]?.[feature] ?? 0;
}

function scoreOf({ scores }: Samples, row: number): number {
  return scores[row] ?? 0;
}
