import { directionRanks, type DirectionRanks } from './retrieval';
import type { RightPlaces } from './right-answers';

/** Ranks of queries, each with those of all its right answers. */
export function rightPlacesOf(queries: readonly (readonly number[])[]): RightPlaces {
  const offsets = new Int32Array(queries.length + 1);
  queries.forEach(({ length }, query) => (offsets[query + 1] = offsets[query]! + length));
  return { offsets, places: Int32Array.from(queries.flat()) };
}

/** Ranks of queries with one right answer each. */
export function ranksOfSingles(ranks: readonly number[]): DirectionRanks {
  return directionRanks(rightPlacesOf(ranks.map((rank) => [rank])));
}
