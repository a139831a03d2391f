/**
 * Rows of numbers kept between runs: what frozen layers make of a sample. All rows of a file have one width and came about in one way, which the
 * file's key names; within it a row is found by what it was computed from. Whatever is lost or damaged is merely computed again.
 */
export interface RowFile {
  /** True when there is a row of this content, as far as one can tell without reading it. */
  has(content: string): boolean;
  /**
   * Copies a row into `target`.
   *
   * @param target as long as a row; holds anything when there was no sound row
   * @returns false when there is none, or when it is not what was written
   */
  read(content: string, target: Float32Array): Promise<boolean>;
  /**
   * Adds rows, all or none.
   *
   * @param rows one after the other, in the order of `contents`
   * @throws DOMException `QuotaExceededError` when there is no room; earlier rows are sound all the same
   */
  write(contents: readonly string[], rows: Float32Array): Promise<void>;
  close(): void;
}

/** A stored file of rows. */
export interface StoredRows {
  readonly key: string;
  readonly bytes: number;
  /** Milliseconds since 1970. */
  readonly usedAt: number;
}

/** A place that keeps files of rows. */
export interface RowStorage {
  /** False where files can only be listed and removed: the page has no fast access to the file system. */
  readonly opens: boolean;
  /**
   * Opens the file of a key, which is made if there is none or if it is damaged. Nobody else can open or remove it until it is closed.
   *
   * @param key 64 hexadecimal digits
   * @param width numbers in a row
   * @returns null when the file is in use elsewhere
   */
  open(key: string, width: number): Promise<RowFile | null>;
  list(): Promise<readonly StoredRows[]>;
  /** @returns false when the file is in use */
  remove(key: string): Promise<boolean>;
  /** Bytes that so many rows take. */
  bytes(width: number, rows: number): number;
}

/** FNV-1a (Fowler, Noll, Vo) over the 32-bit words of a row instead of its bytes: as fast as the row can be read, unsigned. */
export function checksum(row: Float32Array): number {
  const words = new Uint32Array(row.buffer, row.byteOffset, row.length);
  let hash = 0x811c9dc5;
  for (let i = 0; i < words.length; i++) hash = Math.imul(hash ^ words[i]!, 0x01000193);
  return hash >>> 0;
}
