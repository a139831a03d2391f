import { messageOf } from '../protocol/errors';
import { database } from '../storage/db';
import { storing } from '../storage/storing';
import { couldNotStore, isStored } from './unstored';

/** Small things that the studio remembers, and what they are to the user. What is read back is unknown until its reader has checked it. */
const names = {
  recipe: 'the recipe',
  dataset: 'which pictures are in use',
  hubBase: 'the address that models come from',
  backend: 'what to compute with',
} as const;
export type SettingKey = keyof typeof names;

/** What storage has not taken yet. */
const newest = new Map<SettingKey, { readonly value: unknown }>();

export async function readSetting(key: SettingKey): Promise<unknown> {
  const held = newest.get(key);
  return held === undefined ? (await database()).get('settings', key) : held.value;
}

/** Remembers a value. Does not reject: where storage does not take it, it is kept in memory, the page says so, and it is tried again. */
export function writeSetting(key: SettingKey, value: unknown): Promise<void> {
  const mine = { value };
  newest.set(key, mine);
  return store(key, mine);
}

async function store(key: SettingKey, mine: { readonly value: unknown }): Promise<void> {
  const isNewest = (): boolean => newest.get(key) === mine;
  try {
    // A value that was tried for longer must not be written over a newer one.
    await storing(async (db) => void (isNewest() && (await db.put('settings', mine.value, key))));
    if (!isNewest()) return;
    newest.delete(key);
    isStored(names[key]);
  } catch (error) {
    if (isNewest()) couldNotStore(names[key], messageOf(error), () => void store(key, mine));
  }
}
