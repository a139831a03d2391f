import { z } from 'zod';
import { checksum, type RowFile, type RowStorage, type StoredRows } from './rows';

/**
 * Rows in the origin private file system, two files a key: the numbers row after row, and an index that says of each row what it was computed from
 * and what its checksum is. Both only ever grow at their end, numbers first, so that what a closed tab, a full disk or a fault cut short is
 * good up to there.
 */
const headerBytes = 256;
const contentBytes = 32;
/** SHA-256 of the content and the checksum, little-endian. */
const entryBytes = contentBytes + 4;

const rowsSuffix = '.rows';
const indexSuffix = '.index';

/** The head of an index, as JSON filled up with spaces. */
const headerSchema = z.object({
  format: z.literal(1),
  key: z.string().regex(/^[\da-f]{64}$/),
  width: z.int().positive(),
  usedAt: z.number(),
});

/** What is used of `FileSystemSyncAccessHandle`, which only dedicated workers have. */
export interface SyncFile {
  getSize(): number;
  read(target: Uint8Array, options: { readonly at: number }): number;
  write(source: Uint8Array, options: { readonly at: number }): number;
  truncate(size: number): void;
  flush(): void;
  close(): void;
}

/** What is used of a directory of the file system. */
export interface RowFolder {
  getFileHandle(name: string, options?: { readonly create?: boolean }): Promise<RowFileHandle>;
  removeEntry(name: string): Promise<void>;
  values(): AsyncIterable<{ readonly name: string; readonly kind: string }>;
}

export interface RowFileHandle {
  getFile(): Promise<{ readonly size: number; readonly lastModified: number }>;
  createSyncAccessHandle?(): Promise<SyncFile>;
}

export class OpfsRowStorage implements RowStorage {
  constructor(
    private readonly folder: RowFolder,
    readonly opens = true,
  ) {}

  async open(key: string, width: number): Promise<RowFile | null> {
    const files: SyncFile[] = [];
    try {
      for (const suffix of [indexSuffix, rowsSuffix]) files.push(await this.access(key + suffix));
      const [index, rows] = files as [SyncFile, SyncFile];
      return new OpfsRowFile(index, rows, key, width);
    } catch (error) {
      for (const file of files) file.close();
      if (isInUse(error)) return null;
      throw error;
    }
  }

  async list(): Promise<readonly StoredRows[]> {
    const stored = new Map<string, StoredRows>();
    for await (const { name, kind } of this.folder.values()) {
      const suffix = [indexSuffix, rowsSuffix].find((known) => name.endsWith(known));
      if (kind !== 'file' || suffix === undefined) continue;
      const key = name.slice(0, -suffix.length);
      // The head of the index is written whenever rows are opened, so the last change is the last use.
      const { size, lastModified } = await (await this.folder.getFileHandle(name)).getFile();
      const { bytes = 0, usedAt = 0 } = stored.get(key) ?? {};
      stored.set(key, { key, bytes: bytes + size, usedAt: Math.max(usedAt, lastModified) });
    }
    return [...stored.values()];
  }

  async remove(key: string): Promise<boolean> {
    try {
      for (const suffix of [indexSuffix, rowsSuffix]) await this.removeFile(key + suffix);
      return true;
    } catch (error) {
      if (isInUse(error)) return false;
      throw error;
    }
  }

  bytes(width: number, rows: number): number {
    return headerBytes + rows * (entryBytes + 4 * width);
  }

  private async access(name: string): Promise<SyncFile> {
    const handle = await this.folder.getFileHandle(name, { create: true });
    if (handle.createSyncAccessHandle === undefined) throw new Error('Only workers can open files of rows.');
    return handle.createSyncAccessHandle();
  }

  private async removeFile(name: string): Promise<void> {
    try {
      await this.folder.removeEntry(name);
    } catch (error) {
      if (!(error instanceof DOMException && error.name === 'NotFoundError')) throw error;
    }
  }
}

class OpfsRowFile implements RowFile {
  /** Row number by content. */
  private readonly numbers = new Map<string, number>();
  private readonly checksums: number[] = [];
  private readonly rowBytes: number;
  private open = true;

  constructor(
    private readonly index: SyncFile,
    private readonly rows: SyncFile,
    key: string,
    width: number,
  ) {
    this.rowBytes = 4 * width;
    const known = readHeader(index);
    if (known?.key !== key || known.width !== width) index.truncate(0);
    writeWhole(index, headerOf({ format: 1, key, width, usedAt: Date.now() }), 0);
    this.readIndex();
  }

  has(content: string): boolean {
    return this.open && this.numbers.has(content);
  }

  read(content: string, target: Float32Array): Promise<boolean> {
    const number = this.open ? this.numbers.get(content) : undefined;
    if (number === undefined) return Promise.resolve(false);
    const read = this.rows.read(bytesOf(target), { at: number * this.rowBytes });
    const sound = read === this.rowBytes && checksum(target) === this.checksums[number];
    if (!sound) this.numbers.delete(content);
    return Promise.resolve(sound);
  }

  write(contents: readonly string[], values: Float32Array): Promise<void> {
    if (!this.open) return Promise.resolve();
    const first = this.checksums.length;
    const width = this.rowBytes / 4;
    const sums = contents.map((_, row) => checksum(values.subarray(row * width, (row + 1) * width)));
    const entries = new Uint8Array(contents.length * entryBytes);
    const view = new DataView(entries.buffer);
    contents.forEach((content, row) => {
      for (let i = 0; i < contentBytes; i++)
        entries[row * entryBytes + i] = Number.parseInt(content.slice(2 * i, 2 * i + 2), 16);
      view.setUint32(row * entryBytes + contentBytes, sums[row] ?? 0, true);
    });
    try {
      writeWhole(this.rows, bytesOf(values), first * this.rowBytes);
      writeWhole(this.index, entries, headerBytes + first * entryBytes);
    } catch (error) {
      this.cut(first);
      return Promise.reject(error instanceof Error ? error : new Error(String(error)));
    }
    contents.forEach((content, row) => this.numbers.set(content, first + row));
    this.checksums.push(...sums);
    return Promise.resolve();
  }

  close(): void {
    if (!this.open) return;
    this.open = false;
    for (const file of [this.rows, this.index]) {
      file.flush();
      file.close();
    }
  }

  /** Reads which rows there are, as far as both files go. */
  private readIndex(): void {
    const listed = Math.floor((this.index.getSize() - headerBytes) / entryBytes);
    const count = Math.min(listed, Math.floor(this.rows.getSize() / this.rowBytes));
    this.cut(count);
    const entries = new Uint8Array(count * entryBytes);
    this.index.read(entries, { at: headerBytes });
    const view = new DataView(entries.buffer);
    for (let row = 0; row < count; row++) {
      const at = row * entryBytes;
      this.numbers.set(hex(entries.subarray(at, at + contentBytes)), row);
      this.checksums.push(view.getUint32(at + contentBytes, true));
    }
  }

  private cut(rows: number): void {
    this.index.truncate(headerBytes + rows * entryBytes);
    this.rows.truncate(rows * this.rowBytes);
  }
}

function readHeader(file: SyncFile): z.output<typeof headerSchema> | null {
  const bytes = new Uint8Array(headerBytes);
  if (file.read(bytes, { at: 0 }) < headerBytes) return null;
  try {
    return headerSchema.safeParse(JSON.parse(new TextDecoder().decode(bytes))).data ?? null;
  } catch {
    return null;
  }
}

function headerOf(header: z.input<typeof headerSchema>): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(header).padEnd(headerBytes));
}

/** @throws DOMException `QuotaExceededError`, also where the browser writes less than it was given */
function writeWhole(file: SyncFile, bytes: Uint8Array, at: number): void {
  if (file.write(bytes, { at }) === bytes.length) return;
  throw new DOMException('There was no room for all of it.', 'QuotaExceededError');
}

function bytesOf(values: Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

function isInUse(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'NoModificationAllowedError';
}

const digits = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

function hex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += digits[byte]!;
  return text;
}
