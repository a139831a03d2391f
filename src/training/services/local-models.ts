import { z } from 'zod';
import { database } from '../../storage/db';
import { deleteModel, holdsModelFile, listModelFiles, putModelFile } from '../../storage/model-files';
import { storing } from '../../storage/storing';
import type { ReadOptions } from '../../model/files';
import { sha256, sha256Pieces } from '../sha256';

/**
 * Keeps models that the user imported. Runs store only what they changed of a model, so an id never stands for other files than at first, even
 * after the model was deleted: the digest of its files stays behind as a claim on the id.
 */

export const localPrefix = 'local/';

type Files = ReadonlyMap<string, Uint8Array>;

/** Key of a claim in the `settings` store. */
const claimKey = (id: string): string => `model-files/${id}`;
const claimSchema = z.string();

/**
 * Stores the files of a model under its name, or behind a number where that name belongs to other files: `shoes`, `shoes-2`. The same files get
 * the id that they had. What is stored under other ids stays as it is, also where there is no room.
 *
 * @returns the id, and the number behind the name with its dash where there is one
 * @throws StorageError, or the reason of the signal; nothing of the model is stored then
 */
export async function storeLocalModel(
  name: string,
  files: Files,
  { signal }: ReadOptions = {},
): Promise<{ readonly id: string; readonly suffix: string }> {
  const digest = await digestOf(files);
  for (let number = 1; ; number++) {
    signal?.throwIfAborted();
    const suffix = number === 1 ? '' : `-${number}`;
    const id = localPrefix + slug(name) + suffix;
    const stored = await listModelFiles(id);
    const claim = await readClaim(id);
    const mine = claim === null ? stored.length === 0 || (await holdsExactly(id, stored, files)) : claim === digest;
    if (!mine) continue;
    await storing((db) => db.put('settings', digest, claimKey(id)));
    // Some files may be missing after the tab was closed in the middle, all after the model was deleted.
    if (![...files.keys()].every((file) => stored.includes(file))) await storeFiles(id, files, claim === null, signal);
    return { id, suffix };
  }
}

async function storeFiles(id: string, files: Files, isNew: boolean, signal: AbortSignal | undefined): Promise<void> {
  try {
    for (const [file, bytes] of files) {
      signal?.throwIfAborted();
      await putModelFile(id, file, bytes);
    }
  } catch (error) {
    // What was wrong first is what the user must hear of.
    await deleteModel(id).catch(() => undefined);
    if (isNew) await storing((db) => db.delete('settings', claimKey(id))).catch(() => undefined);
    throw error;
  }
}

async function readClaim(id: string): Promise<string | null> {
  const db = await database();
  return claimSchema.safeParse(await db.get('settings', claimKey(id))).data ?? null;
}

/** True for a model that was stored before there were claims with these files and no others. */
async function holdsExactly(id: string, stored: readonly string[], files: Files): Promise<boolean> {
  if (stored.length !== files.size) return false;
  for (const name of stored) {
    const bytes = files.get(name);
    if (bytes === undefined || !(await holdsModelFile(id, name, bytes))) return false;
  }
  return true;
}

/** SHA-256 over names, lengths and the digests of pieces. */
async function digestOf(files: Files): Promise<string> {
  const parts: (readonly [name: string, bytes: number, pieces: readonly string[]])[] = [];
  for (const [name, bytes] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) {
    parts.push([name, bytes.length, await sha256Pieces(bytes)]);
  }
  return sha256(JSON.stringify(parts));
}

/** A name as a recipe takes it. */
function slug(name: string): string {
  const plain = name
    .trim()
    .replace(/[^\w.-]+/g, '-')
    .replace(/^-+|(?<!-)-+$/g, '')
    .slice(0, 100);
  return plain === '' ? 'model' : plain;
}
