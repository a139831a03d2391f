import type { RowFile, RowStorage, StoredRows } from './rows';

/** What the browser allows this origin and what it uses of it, in bytes. */
export interface StorageEstimate {
  readonly quota: number;
  readonly usage: number;
}

/** The caches together take at most this share of what the browser allows, this share of what the user's own data leaves, and this many bytes. */
const shareOfQuota = 0.2;
const shareOfRest = 0.5;
const mostBytes = 16 * 2 ** 30;

/** Bytes that caches may take, of which they take `kept` now. */
export function cacheBudget({ quota, usage }: StorageEstimate, kept: number): number {
  const rest = Math.max(0, quota - Math.max(0, usage - kept));
  return Math.min(shareOfQuota * quota, shareOfRest * rest, mostBytes);
}

/**
 * Rows of one key that are kept on disk as long as that goes well. Nothing here fails: what cannot be read or written is not there, and the caller
 * computes it.
 */
export class KeptRows {
  private broken = false;
  private open = true;

  constructor(
    private readonly file: RowFile,
    private readonly onClose: () => void,
  ) {}

  /** @returns false when `target` has to be computed */
  async read(content: string, target: Float32Array): Promise<boolean> {
    try {
      return await this.file.read(content, target);
    } catch {
      return false;
    }
  }

  /**
   * Keeps rows. After the first that could not be kept no other is: a disk that is full or at fault stays so.
   *
   * @param rows one after the other, in the order of `contents`
   */
  async write(contents: readonly string[], rows: Float32Array): Promise<void> {
    if (this.broken) return;
    try {
      await this.file.write(contents, rows);
    } catch {
      this.broken = true;
    }
  }

  close(): void {
    if (!this.open) return;
    this.open = false;
    try {
      this.file.close();
    } catch {
      // What was not flushed is lost, which the next reader notices.
    }
    this.onClose();
  }
}

/**
 * The outputs of frozen layers on disk, within a budget. The longest unused go first, all of them before a write of the user's own data fails.
 */
export class FeatureCache {
  private readonly inUse = new Map<string, { readonly rows: KeptRows; readonly bytes: number }>();

  /** @param storages the places that keep rows here, the best first */
  constructor(
    private readonly storages: () => Promise<readonly RowStorage[]>,
    private readonly estimate: () => Promise<StorageEstimate | null>,
  ) {}

  /**
   * Opens the rows of a key and makes room for those that are missing.
   *
   * @param key 64 hexadecimal digits that name all that the numbers depend on besides the content
   * @param width numbers in a row
   * @param contents what rows are wanted of, each as 64 hexadecimal digits
   * @returns null when they cannot be kept: there is no storage, another tab uses them, or they are over the budget
   */
  async open(key: string, width: number, contents: readonly string[]): Promise<KeptRows | null> {
    for (const storage of await this.storages()) {
      if (!storage.opens) continue;
      try {
        return await this.openIn(storage, key, width, contents);
      } catch {
        // A storage that fails now is as good as none; the next may do.
      }
    }
    return null;
  }

  /** Bytes of all rows on disk. */
  async bytes(): Promise<number> {
    const all = await Promise.all((await this.storages()).map(stored));
    return total(all.flat());
  }

  /**
   * Removes all rows that no run of another tab uses.
   *
   * @returns bytes that became free
   */
  async clear(): Promise<number> {
    for (const { rows } of [...this.inUse.values()]) rows.close();
    let freed = 0;
    for (const storage of await this.storages()) {
      for (const { key, bytes } of await stored(storage)) {
        if (await storage.remove(key).catch(() => false)) freed += bytes;
      }
    }
    return freed;
  }

  private async openIn(
    storage: RowStorage,
    key: string,
    width: number,
    contents: readonly string[],
  ): Promise<KeptRows | null> {
    const estimate = await this.estimate();
    if (estimate === null || this.inUse.has(key)) return null;
    const before = await storage.list();
    const budget = cacheBudget(estimate, total(before)) - total([...this.inUse.values()]);
    if (storage.bytes(width, contents.length) > budget) return null;
    let file = await storage.open(key, width);
    if (file === null) return null;
    const missing = missingFrom(file, contents);
    const known = before.find((other) => other.key === key)?.bytes ?? 0;
    let bytes = known + storage.bytes(width, missing);
    if (bytes > budget) {
      // Rows of other datasets take the room: these start afresh.
      file.close();
      await storage.remove(key);
      file = await storage.open(key, width);
      if (file === null) return null;
      bytes = storage.bytes(width, contents.length);
    }
    await this.evict(storage, before, key, budget - bytes);
    const rows = new KeptRows(file, () => this.inUse.delete(key));
    this.inUse.set(key, { rows, bytes });
    return rows;
  }

  /** Removes the longest unused files until the others take no more than `room`. */
  private async evict(storage: RowStorage, files: readonly StoredRows[], kept: string, room: number): Promise<void> {
    const others = files.filter(({ key }) => key !== kept && !this.inUse.has(key));
    let taken = total(others);
    for (const { key, bytes } of others.toSorted((a, b) => a.usedAt - b.usedAt)) {
      if (taken <= room) return;
      if (await storage.remove(key)) taken -= bytes;
    }
  }
}

function missingFrom(file: RowFile, contents: readonly string[]): number {
  return contents.filter((content) => !file.has(content)).length;
}

function total(files: readonly { readonly bytes: number }[]): number {
  return files.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** A storage that cannot be listed holds nothing that one could use. */
function stored(storage: RowStorage): Promise<readonly StoredRows[]> {
  return storage.list().catch(() => []);
}
