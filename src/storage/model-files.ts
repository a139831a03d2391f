import { z } from 'zod';
import { database, type Database } from './db';
import { cutPieces, joinPieces, pieceSuffix } from './pieces';
import { storing } from './storing';

/** Says that a file is wholly stored. It is written after the last piece, so that a file cut short by a closed tab does not exist. */
const manifestSchema = z.object({ bytes: z.number(), pieces: z.number(), storedAt: z.number() });

const everyKeyBelow = (prefix: string): IDBKeyRange => IDBKeyRange.bound(prefix, `${prefix}\uffff`);

/**
 * Keeps a file of a model, replacing an earlier one of that name.
 *
 * @throws StorageError; nothing half-written can be read then
 */
export async function putModelFile(model: string, file: string, bytes: Uint8Array): Promise<void> {
  const key = `${model}/${file}`;
  await storing(async (db) => {
    await deleteFile(db, key);
    try {
      let index = 0;
      for (const piece of cutPieces(bytes)) await db.put('modelFiles', piece, key + pieceSuffix(index++));
      await db.put('modelFiles', { bytes: bytes.length, pieces: index, storedAt: Date.now() }, key);
    } catch (error) {
      // Pieces that stay cannot be read without the manifest, and go with the next attempt or with the model.
      await deleteFile(db, key).catch(() => undefined);
      throw error;
    }
  });
}

/** A stored file, or null when it is not there or not whole. */
export async function readModelFile(model: string, file: string): Promise<Uint8Array<ArrayBuffer> | null> {
  const db = await database();
  const key = `${model}/${file}`;
  const manifest = manifestSchema.safeParse(await db.get('modelFiles', key));
  if (!manifest.success) return null;
  const pieces = await db.getAll('modelFiles', everyKeyBelow(`${key}#`));
  if (!pieces.every((piece) => piece instanceof ArrayBuffer) || pieces.length !== manifest.data.pieces) return null;
  const bytes = joinPieces(pieces);
  return bytes.length === manifest.data.bytes ? bytes : null;
}

/** True when a file is wholly stored with exactly these bytes. One piece at a time is read for it. */
export async function holdsModelFile(model: string, file: string, bytes: Uint8Array): Promise<boolean> {
  const db = await database();
  const key = `${model}/${file}`;
  const manifest = manifestSchema.safeParse(await db.get('modelFiles', key));
  if (!manifest.success || manifest.data.bytes !== bytes.length) return false;
  let at = 0;
  for (let index = 0; index < manifest.data.pieces; index++) {
    const piece = await db.get('modelFiles', key + pieceSuffix(index));
    if (!(piece instanceof ArrayBuffer)) return false;
    const part = new Uint8Array(piece);
    const given = bytes.subarray(at, at + part.length);
    if (!part.every((value, offset) => value === given[offset])) return false;
    at += part.length;
  }
  return at === bytes.length;
}

/** Names of a model's stored files. */
export async function listModelFiles(model: string): Promise<readonly string[]> {
  const db = await database();
  const keys = await db.getAllKeys('modelFiles', everyKeyBelow(`${model}/`));
  return keys.filter((key) => !key.includes('#')).map((key) => key.slice(model.length + 1));
}

/** A model with stored files, and their bytes in all. */
export interface StoredModel {
  readonly model: string;
  readonly bytes: number;
}

/** Every model with stored files. */
export async function listStoredModels(): Promise<readonly StoredModel[]> {
  const db = await database();
  const sizes = new Map<string, number>();
  for (const key of await db.getAllKeys('modelFiles')) {
    if (key.includes('#')) continue;
    const manifest = manifestSchema.safeParse(await db.get('modelFiles', key));
    const model = key.slice(0, key.lastIndexOf('/'));
    if (manifest.success) sizes.set(model, (sizes.get(model) ?? 0) + manifest.data.bytes);
  }
  return [...sizes].map(([model, bytes]) => ({ model, bytes }));
}

/** @throws StorageError */
export async function deleteModel(model: string): Promise<void> {
  await storing((db) => db.delete('modelFiles', everyKeyBelow(`${model}/`)));
}

async function deleteFile(db: Database, key: string): Promise<void> {
  await db.delete('modelFiles', key);
  await db.delete('modelFiles', everyKeyBelow(`${key}#`));
}
