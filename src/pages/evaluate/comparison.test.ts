import { describe, expect, it } from 'vitest';
import { compare } from './comparison';

const base = { recallAt1: 0.35, recallAt5: 0.6, recallAt10: 0.72, meanRank: 12.34, medianRank: 3 };
const tuned = { recallAt1: 0.4712, recallAt5: 0.6, recallAt10: 0.7, meanRank: 8.1, medianRank: 2.5 };

describe('compare', () => {
  it('shows recall in per cent, and more of it as better', () => {
    expect(compare(base, tuned)[0]).toEqual({
      label: 'Recall@1',
      base: '35.0 %',
      tuned: '47.1 %',
      gain: '+12.1',
      verdict: 'better',
      shares: { base: 0.35, tuned: 0.4712 },
    });
  });

  it('takes a lower rank for better, and less recall for worse', () => {
    const rows = compare(base, tuned);
    expect(rows.map(({ verdict }) => verdict)).toEqual(['better', 'same', 'worse', 'better', 'better']);
    expect(rows[3]).toMatchObject({ base: '12.3', tuned: '8.1', gain: '−4.2' });
    expect(rows[4]).toMatchObject({ base: '3', tuned: '2.5', gain: '−0.5' });
  });

  it('compares with nothing where only the base model was evaluated', () => {
    for (const row of compare(base, null)) expect(row).toMatchObject({ tuned: null, gain: null, verdict: null });
  });
});
