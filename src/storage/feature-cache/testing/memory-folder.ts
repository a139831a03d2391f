import type { RowFileHandle, RowFolder, SyncFile } from '../opfs-rows';

/** A directory in memory that behaves as the origin private file system does in a worker, with a disk that can be small. */
export class MemoryFolder implements RowFolder {
  readonly files = new Map<string, MemoryFile>();
  /** Bytes of the disk. */
  capacity = Infinity;
  private clock = 0;

  get used(): number {
    return [...this.files.values()].reduce((sum, { bytes }) => sum + bytes.length, 0);
  }

  getFileHandle(name: string, { create = false } = {}): Promise<RowFileHandle> {
    let file = this.files.get(name);
    if (file === undefined) {
      if (!create) return Promise.reject(new DOMException('absent', 'NotFoundError'));
      file = { bytes: new Uint8Array(), locked: false, lastModified: this.clock++ };
      this.files.set(name, file);
    }
    const found = file;
    return Promise.resolve({
      getFile: () => Promise.resolve({ size: found.bytes.length, lastModified: found.lastModified }),
      createSyncAccessHandle: () => {
        if (found.locked) return Promise.reject(new DOMException('locked', 'NoModificationAllowedError'));
        found.locked = true;
        return Promise.resolve(this.handle(found));
      },
    });
  }

  removeEntry(name: string): Promise<void> {
    const file = this.files.get(name);
    if (file?.locked === true) return Promise.reject(new DOMException('locked', 'NoModificationAllowedError'));
    this.files.delete(name);
    return Promise.resolve();
  }

  async *values(): AsyncGenerator<{ readonly name: string; readonly kind: string }> {
    for (const name of this.files.keys()) yield await Promise.resolve({ name, kind: 'file' });
  }

  /** Changes a file behind everyone's back. */
  damage(name: string, change: (bytes: Uint8Array) => Uint8Array): void {
    const file = this.files.get(name);
    if (file === undefined) throw new Error(`There is no file ${name}.`);
    file.bytes = change(file.bytes);
  }

  private handle(file: MemoryFile): SyncFile {
    return {
      getSize: () => file.bytes.length,
      read(target, { at }) {
        const part = file.bytes.subarray(at, at + target.length);
        target.set(part);
        return part.length;
      },
      // Writes what fits, as a disk does that fills up in the middle of a write.
      write: (source, { at }) => {
        const room = this.capacity - this.used + file.bytes.length;
        const end = Math.min(at + source.length, room);
        if (end > file.bytes.length) {
          const grown = new Uint8Array(end);
          grown.set(file.bytes);
          file.bytes = grown;
        }
        const fitting = source.subarray(0, Math.max(0, end - at));
        file.bytes.set(fitting, at);
        file.lastModified = this.clock++;
        return fitting.length;
      },
      truncate: (size) => {
        const cut = new Uint8Array(size);
        cut.set(file.bytes.subarray(0, size));
        file.bytes = cut;
      },
      flush: () => undefined,
      close: () => {
        file.locked = false;
      },
    };
  }
}

interface MemoryFile {
  bytes: Uint8Array;
  locked: boolean;
  lastModified: number;
}
