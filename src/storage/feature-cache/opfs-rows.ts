import { z } from 'zod';
import { checksum, type RowFile, type RowStorage, type StoredRows } from './rows';

/**
 * Files of rows in the origin private file system. A file is a header and then one record a row: the content's SHA-256, a checksum, the numbers.
 * Records are only ever appended and each says itself what it is, so a file that a closed tab, a full disk or a fault cut short is good up
 * to there.
 */
const headerBytes = 256;
const contentBytes = 32;
const prefixBytes = contentBytes + 4;

/** The header, as JSON filled up with spaces. */
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

const suffix = '.rows';

export class OpfsRowStorage implements RowStorage {
  constructor(
    private readonly folder: RowFolder,
    readonly opens = true,
  ) {}

  async open(key: string, width: number): Promise<RowFile | null> {
    const handle = await this.folder.getFileHandle(key + suffix, { create: true });
    if (handle.createSyncAccessHandle === undefined) throw new Error('Only workers can open files of rows.');
    let file: SyncFile;
    try {
      file = await handle.createSyncAccessHandle();
    } catch (error) {
      if (isInUse(error)) return null;
      throw error;
    }
    try {
      return new OpfsRowFile(file, key, width);
    } catch (error) {
      file.close();
      throw error;
    }
  }

  async list(): Promise<readonly StoredRows[]> {
    const stored: StoredRows[] = [];
    for await (const { name, kind } of this.folder.values()) {
      if (kind !== 'file' || !name.endsWith(suffix)) continue;
      const handle = await this.folder.getFileHandle(name);
      // The header is written whenever a file is opened, so the last change is the last use.
      const { size, lastModified } = await handle.getFile();
      stored.push({ key: name.slice(0, -suffix.length), bytes: size, usedAt: lastModified });
    }
    return stored;
  }

  async remove(key: string): Promise<boolean> {
    try {
      await this.folder.removeEntry(key + suffix);
    } catch (error) {
      if (isInUse(error)) return false;
      if (!(error instanceof DOMException && error.name === 'NotFoundError')) throw error;
    }
    return true;
  }

  bytes(width: number, rows: number): number {
    return headerBytes + rows * recordBytes(width);
  }
}

class OpfsRowFile implements RowFile {
  /** Record number by content. */
  private readonly records = new Map<string, number>();
  private readonly checksums: number[] = [];
  private readonly record: Uint8Array;
  private open = true;

  constructor(
    private readonly file: SyncFile,
    key: string,
    width: number,
  ) {
    this.record = new Uint8Array(recordBytes(width));
    const known = readHeader(file);
    if (known?.key !== key || known.width !== width) file.truncate(0);
    writeWhole(file, headerOf({ format: 1, key, width, usedAt: Date.now() }), 0);
    this.index();
  }

  has(content: string): boolean {
    return this.open && this.records.has(content);
  }

  read(content: string, target: Float32Array): Promise<boolean> {
    const number = this.open ? this.records.get(content) : undefined;
    if (number === undefined) return Promise.resolve(false);
    const bytes = new Uint8Array(target.buffer, target.byteOffset, target.byteLength);
    const at = this.recordAt(number) + prefixBytes;
    const sound = this.file.read(bytes, { at }) === bytes.length && checksum(target) === this.checksums[number];
    if (!sound) this.records.delete(content);
    return Promise.resolve(sound);
  }

  write(content: string, row: Float32Array): Promise<void> {
    if (!this.open || this.records.has(content)) return Promise.resolve();
    const sum = checksum(row);
    this.record.set(hexBytes(content));
    new DataView(this.record.buffer).setUint32(contentBytes, sum, true);
    this.record.set(new Uint8Array(row.buffer, row.byteOffset, row.byteLength), prefixBytes);
    const number = this.checksums.length;
    const at = this.recordAt(number);
    try {
      writeWhole(this.file, this.record, at);
    } catch (error) {
      this.file.truncate(at);
      return Promise.reject(error instanceof Error ? error : new Error(String(error)));
    }
    this.records.set(content, number);
    this.checksums.push(sum);
    return Promise.resolve();
  }

  close(): void {
    if (!this.open) return;
    this.open = false;
    this.file.flush();
    this.file.close();
  }

  /** Reads which rows there are; a record that was cut short goes. */
  private index(): void {
    const records = Math.floor((this.file.getSize() - headerBytes) / this.record.length);
    this.file.truncate(this.recordAt(records));
    const prefix = new Uint8Array(prefixBytes);
    const view = new DataView(prefix.buffer);
    for (let number = 0; number < records; number++) {
      this.file.read(prefix, { at: this.recordAt(number) });
      this.records.set(hex(prefix.subarray(0, contentBytes)), number);
      this.checksums.push(view.getUint32(contentBytes, true));
    }
  }

  private recordAt(number: number): number {
    return headerBytes + number * this.record.length;
  }
}

function recordBytes(width: number): number {
  return prefixBytes + 4 * width;
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

/** @throws DOMException `QuotaExceededError`, also where the browser only writes less than it was given */
function writeWhole(file: SyncFile, bytes: Uint8Array, at: number): void {
  if (file.write(bytes, { at }) === bytes.length) return;
  throw new DOMException('There was no room for the whole row.', 'QuotaExceededError');
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

function hexBytes(text: string): Uint8Array {
  return Uint8Array.from({ length: text.length / 2 }, (_, i) => Number.parseInt(text.slice(2 * i, 2 * i + 2), 16));
}
