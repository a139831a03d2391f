import { z } from 'zod';
import { database } from '../storage/db';
import { storing } from '../storage/storing';
import { keysOf, pictureStores } from './records';
import { countChange, tellChange } from './revision';

/**
 * Journal of an import, written before its first batch and deleted in the transaction that completes it. While it is there, pictures of the
 * dataset with an order number of `from` or above belong to the unfinished import.
 */
const journalSchema = z.object({ datasetId: z.string(), from: z.number(), isNew: z.boolean() });
export type ImportJournal = z.infer<typeof journalSchema>;

const journalPrefix = 'dataset-import/';

/** Key of a dataset's journal in the `settings` store. */
export function journalKey(datasetId: string): string {
  return journalPrefix + datasetId;
}

/** Takes back all that an unfinished import has written; the dataset is as it was before. Harmless when there is nothing to take back. */
export async function rollBack(journal: ImportJournal): Promise<void> {
  await storing(async (db) => {
    const { datasetId } = journal;
    const transaction = db.transaction(['datasets', ...pictureStores, 'settings'] as const, 'readwrite');
    const range = IDBKeyRange.bound([datasetId, journal.from], [datasetId, Number.POSITIVE_INFINITY]);
    const written: readonly (string | IDBKeyRange)[] = journal.isNew
      ? [keysOf(datasetId)]
      : await transaction.objectStore('images').index('by-dataset').getAllKeys(range);
    const [counted] = await Promise.all([
      countChange(transaction.objectStore('datasets'), datasetId),
      ...written.flatMap((key) => pictureStores.map((store) => transaction.objectStore(store).delete(key))),
      transaction.objectStore('settings').delete(journalKey(datasetId)),
      transaction.done,
    ]);
    tellChange(counted);
  });
}

/**
 * Rolls back imports whose tab was closed or crashed half-way. An import that is still running in some tab holds a Web Lock and is left alone.
 */
export async function recoverInterruptedImports(): Promise<void> {
  const db = await database();
  const keys = await db.getAllKeys('settings', IDBKeyRange.bound(journalPrefix, `${journalPrefix}\uffff`));
  for (const key of keys) {
    await withImportLock(key.slice(journalPrefix.length), async () => {
      // Read under the lock: an import that has completed in the meantime took its journal with it.
      const journal = journalSchema.safeParse(await db.get('settings', key));
      if (journal.success) await rollBack(journal.data);
    });
  }
}

/** True while pictures are being added to a dataset, in whichever tab: until they are all there, they may go again. */
export async function isImporting(datasetId: string): Promise<boolean> {
  await recoverInterruptedImports();
  return (await withImportLock(datasetId, () => Promise.resolve())) === null;
}

/**
 * Runs an action alone among all tabs for a dataset's import.
 * @returns what the action gave, or null without running it when another tab holds the lock
 */
export async function withImportLock<Result>(
  datasetId: string,
  action: () => Promise<Result>,
): Promise<{ readonly value: Result } | null> {
  // Absent outside secure contexts and in some test environments, where only one tab is to be reckoned with.
  const locks = (globalThis.navigator as Navigator | undefined)?.locks;
  if (locks === undefined) return { value: await action() };
  return locks.request(`vernier-import/${datasetId}`, { ifAvailable: true }, async (lock) =>
    lock === null ? null : { value: await action() },
  );
}
