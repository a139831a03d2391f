import type { DirectionMetrics } from '../../training/protocol';
import { signed } from '../runs/result';

/** One line of the report: a metric of the base model and of the tuned one. */
export interface ComparisonRow {
  readonly label: string;
  readonly base: string;
  readonly tuned: string | null;
  /** Change with its sign. */
  readonly gain: string | null;
  readonly verdict: 'better' | 'worse' | 'same' | null;
  /** Shares of the whole for the bars, 0…1; null for ranks. */
  readonly shares: { readonly base: number; readonly tuned: number | null } | null;
}

const recalls = [
  ['Recall@1', 'recallAt1'],
  ['Recall@5', 'recallAt5'],
  ['Recall@10', 'recallAt10'],
] as const;

const ranks = [
  ['Mean rank', 'meanRank', 1],
  ['Median rank', 'medianRank', 0],
] as const;

/** All metrics of one direction. More recall is better, a higher rank is worse; changes too small to be shown count as none. */
export function compare(base: DirectionMetrics, tuned: DirectionMetrics | null): readonly ComparisonRow[] {
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
  const rank = (value: number, digits: number): string =>
    Number.isInteger(value) ? String(value) : value.toFixed(Math.max(1, digits));
  return [
    ...recalls.map(([label, key]): ComparisonRow => {
      const gain = tuned === null ? null : signed(100 * (tuned[key] - base[key]));
      return {
        label,
        base: percent(base[key]),
        tuned: tuned === null ? null : percent(tuned[key]),
        gain,
        verdict: gain === null ? null : verdictOf(gain, '+'),
        shares: { base: base[key], tuned: tuned === null ? null : tuned[key] },
      };
    }),
    ...ranks.map(([label, key, digits]): ComparisonRow => {
      const gain = tuned === null ? null : signed(tuned[key] - base[key]);
      return {
        label,
        base: rank(base[key], digits),
        tuned: tuned === null ? null : rank(tuned[key], digits),
        gain,
        verdict: gain === null ? null : verdictOf(gain, '−'),
        shares: null,
      };
    }),
  ];
}

function verdictOf(gain: string, goodSign: string): 'better' | 'worse' | 'same' {
  if (gain.startsWith('±')) return 'same';
  return gain.startsWith(goodSign) ? 'better' : 'worse';
}
