import type { DirectionMetrics } from '../../training/protocol';
import { mayBeChance, signed } from '../runs/result';

/** One line of the report: a metric of the base model and of the tuned one. */
export interface ComparisonRow {
  readonly label: string;
  readonly base: string;
  readonly tuned: string | null;
  /** With its sign. */
  readonly change: string | null;
  readonly verdict: 'better' | 'worse' | 'same' | null;
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
 * All metrics of one direction. More recall is better, a higher rank is worse; changes that may be chance count as none.
 *
 * @param gallery pictures that were searched
 */
export function compare(
  base: DirectionMetrics,
  tuned: DirectionMetrics | null,
  gallery: number,
): readonly ComparisonRow[] {
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
  return [
    ...recalls.map(([label, key]): ComparisonRow => {
      const change = tuned === null ? null : tuned[key] - base[key];
      return {
        label,
        base: percent(base[key]),
        tuned: tuned === null ? null : percent(tuned[key]),
        change: change === null ? null : signed(100 * change),
        verdict: change === null ? null : verdictOf(change, gallery),
        shares: { base: base[key], tuned: tuned === null ? null : tuned[key] },
      };
    }),
    ...ranks.map(([label, key, digits]): ComparisonRow => {
      const [before, after] = [rounded(base[key], digits), tuned === null ? null : rounded(tuned[key], digits)];
      // Of the numbers as shown, so that they add up.
      const change = after === null ? null : after - before;
      const shown = (rank: number): string => (digits === 2 ? rank.toFixed(digits) : String(rank));
      return {
        label,
        base: shown(before),
        tuned: after === null ? null : shown(after),
        change: change === null ? null : signed(change, digits),
        verdict: change === null ? null : verdictOf(-change, gallery),
        shares: null,
      };
    }),
  ];
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

function verdictOf(gain: number, gallery: number): 'better' | 'worse' | 'same' {
  if (mayBeChance(gain, gallery)) return 'same';
  return gain > 0 ? 'better' : 'worse';
}
