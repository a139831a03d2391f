import 'fake-indexeddb/auto';
import { afterEach, expect, test, vi } from 'vitest';
import { defaultRecipe } from '../recipe/fields';
import { annotateRun, putRun, readRun } from '../runs/store';
import { database } from '../storage/db';
import { breakOff, leaveNoRoom } from '../storage/testing/breaking';
import { runOf } from '../training/testing/fakes';
import { withWords, writeWords } from './runWords';
import { readSetting, writeSetting } from './settings';
import { useUnstored } from './unstored';

const held = (): readonly string[] => [...useUnstored.getState().held.keys()];
const stored = async (): Promise<unknown> => (await database()).get('settings', 'hubBase');

afterEach(() => vi.restoreAllMocks());

test('a choice that is broken off once is stored, and nobody is told', async () => {
  const broken = breakOff(1);
  await writeSetting('hubBase', 'https://a');
  expect(broken()).toBe(1);
  expect(await stored()).toBe('https://a');
  expect(held()).toEqual([]);
});

test.each([
  ['breaks off each write', (): void => void breakOff(Infinity), /broke off storing/],
  ['has no room', leaveNoRoom, /no more room.*Delete/],
] as const)('a choice is kept in memory and told of where the browser %s, and stored later', async (_, spoil, why) => {
  await writeSetting('hubBase', 'https://a');
  spoil();
  await writeSetting('hubBase', 'https://b');
  expect(held()).toEqual(['the address that models come from']);
  expect([...useUnstored.getState().held.values()].join()).toMatch(why);
  expect(await stored()).toBe('https://a');
  // The tab goes by what was chosen.
  expect(await readSetting('hubBase')).toBe('https://b');
  vi.restoreAllMocks();
  useUnstored.getState().storeAgain();
  await vi.waitFor(() => expect(held()).toEqual([]));
  expect(await stored()).toBe('https://b');
});

test('of two values, the newer one is stored, though the older one was tried for longer', async () => {
  breakOff(1);
  const first = writeSetting('hubBase', 'https://older');
  await vi.waitFor(async () => expect(await readSetting('hubBase')).toBe('https://older'));
  await new Promise((resolve) => setTimeout(resolve, 20));
  await writeSetting('hubBase', 'https://newer');
  await first;
  expect(await stored()).toBe('https://newer');
  expect(held()).toEqual([]);
});

test('what is written about a run stays on the page until storage takes it', async () => {
  const run = { ...runOf(defaultRecipe), id: 'r', name: 'amber-otter' };
  await putRun(run);
  await annotateRun('r', { tags: ['cats'] });
  breakOff(Infinity);
  await writeWords('r', run.name, { remarks: 'good on cats' });
  await writeWords('r', run.name, { name: 'blue-heron' });
  expect(held()).toEqual(['what you wrote about amber-otter']);
  const before = await readRun('r');
  expect(before).toMatchObject({ name: 'amber-otter', remarks: '', tags: ['cats'] });
  const shown = { name: 'blue-heron', remarks: 'good on cats', tags: ['cats'] };
  expect(before && withWords(before)).toMatchObject(shown);
  vi.restoreAllMocks();
  useUnstored.getState().storeAgain();
  await vi.waitFor(() => expect(held()).toEqual([]));
  expect(await readRun('r')).toMatchObject(shown);
});
