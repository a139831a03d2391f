import { recordedRecipe, versionedRecipe } from '../recipe/migrate';
import { database } from '../storage/db';
import { damagedRecord, readRecord, stamped, type DamagedRecord, type RecordKind } from '../storage/records';
import { storing } from '../storage/storing';
import { sweepSchema, type Sweep } from './types';

/** Records of sweeps in IndexedDB. Their runs lie where all runs do. */

const sweepKind: RecordKind<typeof sweepSchema.shape> = {
  schema: sweepSchema,
  migrations: [],
  fallbacks: { createdAt: 0, state: 'held', message: '', measuredBy: null, stopWeak: false, objective: null },
  repair: (fields) => ({ fields: { ...fields, recipe: recordedRecipe(fields['recipe']).recipe }, notes: [] }),
};

/** All sweeps, newest first, and the records that cannot be read as sweeps any more. */
export async function listSweeps(): Promise<{
  readonly items: readonly Sweep[];
  readonly damaged: readonly DamagedRecord[];
}> {
  const transaction = (await database()).transaction('sweeps');
  const [keys, records] = await Promise.all([transaction.store.getAllKeys(), transaction.store.getAll()]);
  const items: Sweep[] = [];
  const damaged: DamagedRecord[] = [];
  records.forEach((record, index) => {
    const read = readRecord(sweepKind, record);
    if (read.sound) items.push(read.value);
    else damaged.push(damagedRecord(keys[index] ?? '', record, read.reason));
  });
  return { items: items.sort((a, b) => b.createdAt - a.createdAt), damaged };
}

/**
 * Writes the whole record.
 *
 * @throws StorageError
 */
export async function putSweep(sweep: Sweep): Promise<void> {
  const record = stamped(sweepKind, { ...sweepSchema.parse(sweep), recipe: versionedRecipe(sweep.recipe) });
  await storing((db) => db.put('sweeps', record, sweep.id));
}

/**
 * Removes the record of a sweep; its runs stay.
 *
 * @throws StorageError
 */
export async function deleteSweep(id: string): Promise<void> {
  await storing((db) => db.delete('sweeps', id));
}
