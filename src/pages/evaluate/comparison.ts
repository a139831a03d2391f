import type { DirectionIntervals, DirectionMetrics } from '../../protocol/protocol';
import { intervalText, signed, verdictOf } from '../runs/result';

/** One line of the report: a metric of the base model and of the tuned one. */
export interface ComparisonRow {
  readonly label: string;
  readonly base: string;
  readonly tuned: string | null;
  /** With its sign. */
  readonly change: string | null;
  /** 95 % interval of the change; null where there is none. */
  readonly interval: string | null;
  /** Null where the change may be chance, or there is none. */
  readonly verdict: 'better' | 'worse' | null;
  /** Shares of the whole for the bars, 0…1; null for ranks. */
  readonly shares: { readonly base: number; readonly tuned: number | null } | null;
}

const recalls = [
  ['Recall@1', 'recallAt1'],
  ['Recall@5', 'recallAt5'],
  ['Recall@10', 'recallAt10'],
] as const;

/** With the digits shown: a median lies on a whole rank or half way between two. */
const ranks = [
  ['Mean rank', 'meanRank', 2],
  ['Median rank', 'medianRank', 1],
] as const;

/**
 * All metrics of one direction. More recall is better, a higher rank is worse, and either only where the interval of the change leaves out zero.
 *
 * @param intervals of the changes; null where there are none
 */
export function compare(
  base: DirectionMetrics,
  tuned: DirectionMetrics | null,
  intervals: DirectionIntervals | null,
): readonly ComparisonRow[] {
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
  return [
    ...recalls.map(([label, key]): ComparisonRow => {
      const interval = intervals?.[key] ?? null;
      return {
        label,
        base: percent(base[key]),
        tuned: tuned === null ? null : percent(tuned[key]),
        change: tuned === null ? null : signed(100 * (tuned[key] - base[key])),
        interval: interval === null ? null : intervalText(interval, 100),
        verdict: verdictOf(interval),
        shares: { base: base[key], tuned: tuned === null ? null : tuned[key] },
      };
    }),
    ...ranks.map(([label, key, digits]): ComparisonRow => {
      const [before, after] = [rounded(base[key], digits), tuned === null ? null : rounded(tuned[key], digits)];
      const interval = intervals?.[key] ?? null;
      const shown = (rank: number): string => (digits === 2 ? rank.toFixed(digits) : String(rank));
      return {
        label,
        base: shown(before),
        tuned: after === null ? null : shown(after),
        // Of the numbers as shown, so that they add up.
        change: after === null ? null : signed(after - before, digits),
        interval: interval === null ? null : intervalText(interval, 1, digits),
        verdict: verdictOf(interval, false),
        shares: null,
      };
    }),
  ];
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
