import { database } from '../storage/db';

/** Small things that the studio remembers. What is read back is unknown until its reader has checked it. */
export type SettingKey = 'recipe' | 'dataset' | 'hubBase' | 'backend';

export async function readSetting(key: SettingKey): Promise<unknown> {
  return (await database()).get('settings', key);
}

export async function writeSetting(key: SettingKey, value: unknown): Promise<void> {
  await (await database()).put('settings', value, key);
}
