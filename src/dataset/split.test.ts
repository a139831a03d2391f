import { describe, expect, it } from 'vitest';
import { defaultSplit, givenSplits, splitOf, splitPosition, topUpSplits } from './split';
import type { Split } from './types';

/** Hashes as SHA-256 gives them. */
async function hashes(count: number): Promise<string[]> {
  return Promise.all(
    Array.from({ length: count }, async (_, i) => {
      const digest = await crypto.subtle.digest('SHA-256', new Uint8Array([i & 255, i >> 8]));
      return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
    }),
  );
}

const count = (splits: readonly Split[], split: Split): number => splits.filter((one) => one === split).length;

describe('splitting by seed', () => {
  it('keeps to the shares and is even over 0…1', async () => {
    const positions = (await hashes(5000)).map((hash) => splitPosition(hash, 42));
    expect(positions.every((position) => position >= 0 && position < 1)).toBe(true);
    for (let tenth = 0; tenth < 10; tenth += 1) {
      const within = positions.filter((position) => Math.floor(position * 10) === tenth).length;
      expect(Math.abs(within - 500)).toBeLessThan(90);
    }
    const splits = (await hashes(5000)).map((hash) => splitOf(hash, defaultSplit));
    expect(Math.abs(count(splits, 'test') - 500)).toBeLessThan(90);
    expect(Math.abs(count(splits, 'validation') - 500)).toBeLessThan(90);
  });

  it('depends on the seed and on the picture alone', async () => {
    const all = await hashes(500);
    const first = all.map((hash) => splitOf(hash, defaultSplit));
    expect(all.map((hash) => splitOf(hash, defaultSplit))).toEqual(first);
    const second = all.map((hash) => splitOf(hash, { ...defaultSplit, seed: 43 }));
    const agree = first.filter((split, i) => split === second[i]).length / 500;
    // Two unrelated splits of 80/10/10 agree on 0.64 + 0.01 + 0.01 of the pictures.
    expect(Math.abs(agree - 0.66)).toBeLessThan(0.07);
  });
});

describe('splits that files give', () => {
  it('are kept, and validation is drawn from training where it is not given', async () => {
    const { splitOf: splitFor, drawn: shares } = givenSplits(['train', 'test', null], defaultSplit);
    const drawn = (await hashes(1000)).map((hash) => splitFor('train', hash));
    expect(count(drawn, 'test')).toBe(0);
    expect(Math.abs(count(drawn, 'validation') - 100)).toBeLessThan(40);
    expect((await hashes(50)).map((hash) => splitFor('test', hash))).toEqual(Array(50).fill('test'));
    expect(shares).toEqual({ seed: defaultSplit.seed, validation: 0.1, test: 0 });
  });

  it('leave training pictures for training where validation is given', async () => {
    const { splitOf: splitFor, withoutTest, drawn } = givenSplits(['train', 'validation'], defaultSplit);
    expect((await hashes(200)).map((hash) => splitFor('train', hash))).toEqual(Array(200).fill('train'));
    expect(withoutTest).toBe(true);
    expect(drawn).toMatchObject({ validation: 0, test: 0 });
  });

  it('do not count without training pictures or when all are for training', async () => {
    for (const given of [['test'], ['train'], ['test', 'validation']] as const) {
      const { splitOf: splitFor } = givenSplits(given, defaultSplit);
      const drawn = (await hashes(300)).map((hash) => splitFor(given[0], hash));
      expect(count(drawn, 'train')).toBeGreaterThan(200);
      expect(count(drawn, 'test')).toBeGreaterThan(0);
    }
  });
});

describe('small datasets', () => {
  it('get at least one picture in each part', async () => {
    const pictures = (await hashes(6)).map((hash, i) => ({ id: String(i), hash, split: 'train' as const }));
    const moved = topUpSplits(pictures, defaultSplit);
    expect([...moved.values()].sort()).toEqual(['test', 'validation']);
    const again = pictures.map((picture) => ({ ...picture, split: moved.get(picture.id) ?? picture.split }));
    expect(topUpSplits(again, defaultSplit).size).toBe(0);
  });

  it('keep what training needs', async () => {
    const pictures = (await hashes(2)).map((hash, i) => ({ id: String(i), hash, split: 'train' as const }));
    expect(topUpSplits(pictures, defaultSplit).size).toBeLessThanOrEqual(1);
    expect(topUpSplits(pictures, { seed: 1, validation: 0, test: 0 }).size).toBe(0);
  });
});
