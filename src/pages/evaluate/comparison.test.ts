import { describe, expect, it } from 'vitest';
import { compare } from './comparison';

const base = { recallAt1: 0.35, recallAt5: 0.6, recallAt10: 0.72, meanRank: 12.34, medianRank: 3 };
const tuned = { recallAt1: 0.4712, recallAt5: 0.6, recallAt10: 0.7, meanRank: 8.1, medianRank: 2.5 };

describe('compare', () => {
  it('shows recall in per cent, and more of it as better', () => {
    expect(compare(base, tuned, 100)[0]).toEqual({
      label: 'Recall@1',
      base: '35.0 %',
      tuned: '47.1 %',
      change: '+12.1',
      verdict: 'better',
      shares: { base: 0.35, tuned: 0.4712 },
    });
  });

  it('takes a lower rank for better, and less recall for worse', () => {
    const rows = compare(base, { ...tuned, recallAt10: 0.69 }, 100);
    expect(rows.map(({ verdict }) => verdict)).toEqual(['better', 'same', 'worse', 'better', 'better']);
    expect(rows[3]).toMatchObject({ base: '12.34', tuned: '8.10', change: '−4.24' });
    expect(rows[4]).toMatchObject({ base: '3', tuned: '2.5', change: '−0.5' });
  });

  it('takes the change of a rank from the ranks as they are shown', () => {
    const [, , , mean] = compare({ ...base, meanRank: 2.014 }, { ...tuned, meanRank: 1.706 }, 100);
    expect(mean).toMatchObject({ base: '2.01', tuned: '1.71', change: '−0.30', verdict: 'better' });
  });

  it('calls a change by two pictures neither better nor worse', () => {
    const verdict = (gallery: number) => compare(base, tuned, gallery)[2]?.verdict;
    expect([verdict(100), verdict(200)]).toEqual(['same', 'worse']);
  });

  it('compares with nothing where only the base model was evaluated', () => {
    for (const row of compare(base, null, 100)) expect(row).toMatchObject({ tuned: null, change: null, verdict: null });
  });
});
