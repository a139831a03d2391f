/**
 * Measures of retrieval from the ranks of right answers. A rank counts from 1: one more than the number of wrong answers that score at least as
 * high as the best right one, so that exact ties count against the model (open_clip ranks them by index, CLIP_benchmark by how they are sorted).
 */

/** Queries that count more or less than once; absent: each once. */
export type Weights = ArrayLike<number> | undefined;

const weightOf = (weights: Weights, query: number): number => (weights === undefined ? 1 : (weights[query] ?? 0));

/** Mean of values of queries; NaN where nothing counts. */
export function weightedMean(values: ArrayLike<number>, weights?: Weights): number {
  let [sum, total] = [0, 0];
  for (let query = 0; query < values.length; query++) {
    const weight = weightOf(weights, query);
    sum += weight * values[query]!;
    total += weight;
  }
  return sum / total;
}

/** Share of queries whose right answer is among the first `k` (Recall@k of CLIP's papers; the hit rate where there are several right ones). */
export function recallAt(k: number, ranks: ArrayLike<number>, weights?: Weights): number {
  let [hits, total] = [0, 0];
  for (let query = 0; query < ranks.length; query++) {
    const weight = weightOf(weights, query);
    if (ranks[query]! <= k) hits += weight;
    total += weight;
  }
  return hits / total;
}

/** The median of ranks; between the two in the middle where their number is even. */
export function medianRank(ranks: ArrayLike<number>, weights?: Weights): number {
  const order = Int32Array.from({ length: ranks.length }, (_, query) => query).sort((a, b) => ranks[a]! - ranks[b]!);
  let total = 0;
  for (const query of order) total += weightOf(weights, query);
  // Weights that are parts of a whole add up to it only nearly.
  const [below, above] = [total / 2 - 1e-9, total / 2 + 1e-9];
  let passed = 0;
  let lower = NaN;
  for (const query of order) {
    passed += weightOf(weights, query);
    if (Number.isNaN(lower) && passed >= below) lower = ranks[query]!;
    if (passed > above) return (lower + ranks[query]!) / 2;
  }
  return lower;
}

/** Mean reciprocal rank. */
export function meanReciprocalRank(ranks: ArrayLike<number>, weights?: Weights): number {
  return weightedMean(
    Array.from(ranks, (rank) => 1 / rank),
    weights,
  );
}

/**
 * Average precision of one query: the mean, over its right answers, of the share of right ones down to each
 * (`sklearn.metrics.average_precision_score` where no scores are equal). Its mean over queries is mAP.
 *
 * @param places ranks of all right answers from 1, ascending, each counted among all answers
 */
export function averagePrecisionAt(places: ArrayLike<number>): number {
  let sum = 0;
  for (let index = 0; index < places.length; index++) sum += (index + 1) / places[index]!;
  return sum / Math.max(1, places.length);
}

/**
 * Normalised discounted cumulative gain of one query whose answers are right or not (`sklearn.metrics.ndcg_score` with gains of 0 and 1 where no
 * scores are equal): gains are discounted by log2 of one more than the rank.
 *
 * @param places ranks of all right answers from 1, each counted among all answers
 * @param k how many answers are looked at
 */
export function ndcg(places: ArrayLike<number>, k = Infinity): number {
  let [gain, best] = [0, 0];
  for (let index = 0; index < places.length; index++) {
    if (places[index]! <= k) gain += 1 / Math.log2(places[index]! + 1);
  }
  for (let place = 1; place <= Math.min(k, places.length); place++) best += 1 / Math.log2(place + 1);
  return best === 0 ? 0 : gain / best;
}
