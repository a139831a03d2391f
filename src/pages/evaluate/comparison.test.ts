import { describe, expect, it } from 'vitest';
import { metricsOfDirection } from '../../tasks/contrastive/metrics';
import { compare } from './comparison';

const metrics = metricsOfDirection('imageToText');
const named = <Value>(of: Readonly<Record<string, Value>>): Readonly<Record<string, Value>> =>
  Object.fromEntries(Object.entries(of).map(([name, value]) => [`imageToText.${name}`, value]));
const base = named({ recallAt1: 0.35, recallAt5: 0.6, recallAt10: 0.72, meanRank: 12.34, medianRank: 3 });
const tuned = named({ recallAt1: 0.4712, recallAt5: 0.6, recallAt10: 0.7, meanRank: 8.1, medianRank: 2.5 });
const intervals = named({
  recallAt1: { low: 0.05, high: 0.19 },
  recallAt5: { low: -0.04, high: 0.04 },
  recallAt10: { low: -0.04, high: -0.001 },
  meanRank: { low: -6.1, high: -2.25 },
  medianRank: { low: -1, high: 0 },
});
const change = { intervals, groups: 100, pValues: named({ recallAt1: 0.0004, recallAt5: 0.97, meanRank: 0.0123 }) };

describe('compare', () => {
  it('shows recall in per cent, with the interval of its change', () => {
    expect(compare(metrics, base, tuned, change)[0]).toEqual({
      label: 'Recall@1',
      meaning: 'how often the right answer comes first',
      base: '35.0 %',
      tuned: '47.1 %',
      change: '+12.1',
      interval: '5.0 to 19.0',
      baseInterval: null,
      tunedInterval: null,
      pValue: '< 0.001',
      verdict: 'better',
      shares: { base: 0.35, tuned: 0.4712 },
    });
  });

  it('takes a lower rank for better, less recall for worse, and an interval that holds zero for neither', () => {
    const rows = compare(metrics, base, tuned, change);
    expect(rows.map(({ verdict }) => verdict)).toEqual(['better', null, 'worse', 'better', null]);
    expect(rows[3]).toMatchObject({ base: '12.34', tuned: '8.10', change: '−4.24', interval: '−6.10 to −2.25' });
    expect(rows[4]).toMatchObject({ base: '3', tuned: '2.5', change: '−0.5', interval: '−1.0 to 0' });
  });

  it('gives the intervals of the values and how likely a change is by chance', () => {
    const values = { base: named({ recallAt1: { low: 0.2, high: 0.412 } }), tuned: null };
    const rows = compare(metrics, base, tuned, change, values);
    expect(rows[0]).toMatchObject({ baseInterval: '20.0 to 41.2', tunedInterval: null });
    expect(rows.map(({ pValue }) => pValue)).toEqual(['< 0.001', '0.97', null, '0.012', null]);
  });

  it('leaves out what was not measured', () => {
    const rows = compare(metrics, base, { ...tuned, 'imageToText.ndcgAt10': 0.5 }, null);
    expect(rows.map(({ label }) => label)).toEqual([
      'Recall@1',
      'Recall@5',
      'Recall@10',
      'Mean rank',
      'Median rank',
      'nDCG@10',
    ]);
  });

  it('takes the change of a rank from the ranks as they are shown', () => {
    const [, , , mean] = compare(
      metrics,
      { ...base, 'imageToText.meanRank': 2.014 },
      { ...tuned, 'imageToText.meanRank': 1.706 },
      null,
    );
    expect(mean).toMatchObject({ base: '2.01', tuned: '1.71', change: '−0.30' });
  });

  it('judges nothing without intervals, and compares with nothing where only the base model was evaluated', () => {
    for (const row of compare(metrics, base, tuned, null)) expect(row).toMatchObject({ interval: null, verdict: null });
    for (const row of compare(metrics, base, null, null))
      expect(row).toMatchObject({ tuned: null, change: null, verdict: null });
  });
});
