import { describe, expect, it } from 'vitest';
import { baseColumns } from './columns';
import {
  defaultSplit,
  givenSplits,
  splitAdded,
  splitAll,
  splitOf,
  splitPosition,
  topUpSplits,
  withTies,
} from './split';
import type { Dataset, SampleRecord, Split } from './types';

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

describe('splitting by caption', () => {
  const settings = { ...defaultSplit, byCaption: true };
  const pictures = async (count: number, captionsOf: (index: number) => readonly string[]) =>
    (await hashes(count)).map((hash, index) => ({ id: String(index), hash, captions: captionsOf(index) }));

  it('keeps pictures with the same caption together, whatever its case and spaces, and close to the shares', async () => {
    const all = await pictures(900, (i) => [i % 2 === 0 ? `caption ${i % 300}` : `Caption  ${i % 300}`]);
    const splits = splitAll(all, settings);
    const byCaption = new Map<number, Set<Split | undefined>>();
    for (const { id } of all) {
      const parts = byCaption.get(Number(id) % 300) ?? new Set();
      byCaption.set(Number(id) % 300, parts.add(splits.get(id)));
    }
    expect([...byCaption.values()].every(({ size }) => size === 1)).toBe(true);
    const drawn = [...splits.values()];
    expect(count(drawn, 'test')).toBe(90);
    expect(count(drawn, 'validation')).toBe(90);
  });

  it('takes whole classes, and some for each part', async () => {
    const all = await pictures(500, (i) => [`a photo of a ${i % 10}`]);
    const drawn = [...splitAll(all, settings).values()];
    expect([count(drawn, 'test'), count(drawn, 'validation')]).toEqual([50, 50]);
    const few = [...splitAll(await pictures(40, (i) => [`a photo of a ${i % 4}`]), settings).values()];
    expect([count(few, 'test'), count(few, 'validation'), count(few, 'train')]).toEqual([10, 10, 20]);
  });

  it('keeps together what several captions tie', async () => {
    const all = await pictures(60, (i) => (i % 2 === 0 ? [`a ${i}`, `b ${i}`] : [`b ${i - 1}`]));
    const splits = splitAll(all, settings);
    for (let i = 0; i < 60; i += 2) expect(splits.get(String(i))).toBe(splits.get(String(i + 1)));
  });

  it('depends on the seed and the captions, not on the order of pictures', async () => {
    const all = await pictures(400, (i) => [`caption ${i % 90}`]);
    expect(splitAll([...all].reverse(), settings)).toEqual(
      new Map([...splitAll(all, settings)].sort((a, b) => Number(b[0]) - Number(a[0]))),
    );
    const other = splitAll(all, { ...settings, seed: 7 });
    expect([...splitAll(all, settings)].filter(([id, split]) => other.get(id) !== split).length).toBeGreaterThan(50);
  });

  it('lets added pictures follow those with their captions, and moves no other', async () => {
    const all = await pictures(300, (i) => [`caption ${i % 60}`]);
    const stored = all.slice(0, 200);
    const splits = splitAll(stored, settings);
    const together = all.map((picture) => ({ ...picture, split: splits.get(picture.id) ?? ('train' as const) }));
    const drawn = splitAdded(together, settings, ({ id }) => Number(id) >= 200);
    expect(drawn.size).toBe(100);
    for (const [id, split] of drawn) expect(split).toBe(splits.get(String(Number(id) % 60)));
  });
});

describe('splitting by group', () => {
  const dataset: Pick<Dataset, 'columns'> = { columns: [...baseColumns, { name: 'dog', role: 'group' }] };
  const records = async (count: number): Promise<SampleRecord[]> =>
    (await hashes(count)).map((hash, i) => ({
      id: String(i),
      datasetId: 'd',
      hash,
      media: [{ kind: 'image', path: `${i}.png`, type: 'image/png', width: 1, height: 1, bytes: 1 }],
      captions: [`a dog ${i % 7}`],
      split: 'train',
      fields: i % 10 === 9 ? {} : { dog: ` Dog ${i % 60}` },
      order: i,
    }));
  const partsBy = (splits: ReadonlyMap<string, Split>, of: (index: number) => number): readonly number[] => {
    const parts = new Map<number, Set<Split>>();
    for (const [id, split] of splits) parts.set(of(Number(id)), (parts.get(of(Number(id))) ?? new Set()).add(split));
    return [...parts.values()].map(({ size }) => size);
  };

  it('leaves groups whole, whatever their captions, and those without a group by themselves', async () => {
    const settings = { ...defaultSplit, byGroup: true };
    const all = await records(600);
    const splits = splitAll(withTies(all, dataset, settings), settings);
    const grouped = new Map([...splits].filter(([id]) => Number(id) % 10 !== 9));
    expect(partsBy(grouped, (index) => index % 60).every((size) => size === 1)).toBe(true);
    expect(count([...splits.values()], 'test')).toBe(60);
    expect(count([...splits.values()], 'validation')).toBe(60);
  });

  it('ties by captions as well where both are wanted, and lets added pictures follow their group', async () => {
    const both = { ...defaultSplit, byCaption: true, byGroup: true };
    const all = await records(60);
    // Each group meets every caption: all of them are one.
    const splits = splitAll(withTies(all, dataset, both), both);
    expect(partsBy(splits, (index) => index % 7).every((size) => size === 1)).toBe(true);
    const settings = { ...defaultSplit, byGroup: true };
    const more = await records(600);
    const stored = splitAll(withTies(more.slice(0, 300), dataset, settings), settings);
    const joined = more.map((record) => ({ ...record, split: stored.get(record.id) ?? ('train' as const) }));
    const drawn = splitAdded(withTies(joined, dataset, settings), settings, ({ id }) => Number(id) >= 300);
    for (const [id, split] of drawn) {
      if (Number(id) % 10 !== 9) expect(split).toBe(stored.get(String(Number(id) - 300)));
    }
  });
});
