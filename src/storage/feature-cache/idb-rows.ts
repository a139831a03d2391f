import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
import { z } from 'zod';
import { checksum, type RowFile, type RowStorage, type StoredRows } from './rows';

/**
 * Files of rows in IndexedDB, for browsers and windows without a file system. They have a database of their own, so that what can be computed again
 * neither shares a version nor a fault with what the user made.
 */
interface RowDb extends DBSchema {
  files: { key: string; value: unknown };
  /** Key [file, content]: the numbers of the row and their checksum as one more 32-bit word. */
  rows: { key: [file: string, content: string]; value: unknown };
}

const databaseName = 'vernier-feature-cache';

const fileSchema = z.object({ width: z.int().positive(), usedAt: z.number() });

const rowsOf = (key: string): IDBKeyRange => IDBKeyRange.bound([key], [key, []]);

export class IdbRowStorage implements RowStorage {
  readonly opens = true;
  private database: Promise<IDBPDatabase<RowDb>> | null = null;
  private readonly inUse = new Set<string>();

  async open(key: string, width: number): Promise<RowFile | null> {
    if (this.inUse.has(key)) return null;
    const db = await this.opened();
    const known = fileSchema.safeParse(await db.get('files', key));
    if (known.data?.width !== width) await db.delete('rows', rowsOf(key));
    await db.put('files', { width, usedAt: Date.now() }, key);
    const contents = (await db.getAllKeys('rows', rowsOf(key))).map(([, content]) => content);
    this.inUse.add(key);
    return new IdbRowFile(db, key, width, new Set(contents), () => this.inUse.delete(key));
  }

  async list(): Promise<readonly StoredRows[]> {
    const db = await this.opened();
    const stored: StoredRows[] = [];
    for (const key of await db.getAllKeys('files')) {
      const file = fileSchema.safeParse(await db.get('files', key)).data ?? { width: 0, usedAt: 0 };
      stored.push({ key, bytes: this.bytes(file.width, await db.count('rows', rowsOf(key))), usedAt: file.usedAt });
    }
    return stored;
  }

  async remove(key: string): Promise<boolean> {
    if (this.inUse.has(key)) return false;
    const transaction = (await this.opened()).transaction(['files', 'rows'], 'readwrite');
    await Promise.all([
      transaction.objectStore('files').delete(key),
      transaction.objectStore('rows').delete(rowsOf(key)),
      transaction.done,
    ]);
    return true;
  }

  bytes(width: number, rows: number): number {
    return rows * 4 * (width + 1);
  }

  private opened(): Promise<IDBPDatabase<RowDb>> {
    this.database ??= openDB<RowDb>(databaseName, 1, {
      upgrade(db) {
        db.createObjectStore('files');
        db.createObjectStore('rows');
      },
      terminated: () => (this.database = null),
    }).catch((error: unknown) => {
      this.database = null;
      throw error;
    });
    return this.database;
  }
}

class IdbRowFile implements RowFile {
  private open = true;

  constructor(
    private readonly db: IDBPDatabase<RowDb>,
    private readonly key: string,
    private readonly width: number,
    private readonly contents: Set<string>,
    private readonly onClose: () => void,
  ) {}

  has(content: string): boolean {
    return this.open && this.contents.has(content);
  }

  async read(content: string, target: Float32Array): Promise<boolean> {
    if (!this.has(content)) return false;
    const value = await this.db.get('rows', [this.key, content]);
    if (value instanceof ArrayBuffer && value.byteLength === 4 * (this.width + 1)) {
      target.set(new Float32Array(value, 0, this.width));
      if (checksum(target) === new DataView(value).getUint32(4 * this.width, true)) return true;
    }
    this.contents.delete(content);
    return false;
  }

  async write(contents: readonly string[], rows: Float32Array): Promise<void> {
    if (!this.open) return;
    const transaction = this.db.transaction(['files', 'rows'], 'readwrite');
    // Whoever removed the file meanwhile wants it to stay so.
    const there = (await transaction.objectStore('files').getKey(this.key)) !== undefined;
    const store = transaction.objectStore('rows');
    const writing = contents.map((content, number) => {
      const row = rows.subarray(number * this.width, (number + 1) * this.width);
      const value = new ArrayBuffer(4 * (this.width + 1));
      new Float32Array(value).set(row);
      new DataView(value).setUint32(4 * this.width, checksum(row), true);
      return there ? store.put(value, [this.key, content]) : null;
    });
    await Promise.all([...writing, transaction.done]);
    if (there) for (const content of contents) this.contents.add(content);
  }

  close(): void {
    this.open = false;
    this.onClose();
  }
}
