import { ModelError } from './errors';
import { fetchFile } from './fetch-file';

/** Where the files of one model come from. */
export interface ModelFiles {
  /** For messages: an address or "the chosen folder". */
  readonly place: string;
  /** A file by its name in the model's folder, or null when there is none. */
  read(name: string): Promise<Uint8Array<ArrayBuffer> | null>;
}

/** Keeps files that were fetched once. `write` may fail when the disk is full; the model then works without being kept. */
export interface ModelFileCache {
  read(name: string): Promise<Uint8Array<ArrayBuffer> | null>;
  write(name: string, bytes: Uint8Array): Promise<void>;
}

export interface ReadOptions {
  readonly signal?: AbortSignal | undefined;
  /** Bytes of the file being read, and of how many where known. */
  readonly onProgress?: ((file: string, loaded: number, total: number | null) => void) | undefined;
}

/** Files that the user chose or dropped; folders in their names are left out of account. */
export function droppedFiles(
  files: readonly { readonly name: string; readonly file: Blob }[],
  options: ReadOptions = {},
): ModelFiles {
  const byName = new Map(files.map(({ name, file }) => [name.slice(name.lastIndexOf('/') + 1), file]));
  return {
    place: 'the chosen folder',
    async read(name) {
      options.signal?.throwIfAborted();
      const file = byName.get(name);
      if (file === undefined) return null;
      if (file.size === 0) throw new ModelError('invalid', `${name} is empty. Download it again.`, { file: name });
      options.onProgress?.(name, 0, file.size);
      const bytes = new Uint8Array(await file.arrayBuffer());
      options.onProgress?.(name, bytes.length, file.size);
      return bytes;
    },
  };
}

/** Files below an address, e.g. the embedded model's folder. */
export function servedFiles(folder: string, options: ReadOptions = {}): ModelFiles {
  return {
    place: folder,
    read: (name) =>
      fetchFile(`${folder}/${name}`, {
        signal: options.signal,
        onProgress: (loaded, total) => options.onProgress?.(name, loaded, total),
      }),
  };
}

/** Lists which files of a model are there, so that a kept model opens without asking the hub again. */
const listingName = '.vernier-files.json';

/** Files that were read before come from the cache; others are read from `source` and kept. */
export function keptFiles(source: ModelFiles, cache: ModelFileCache): ModelFiles & { finish(): Promise<void> } {
  const present = new Map<string, boolean>();
  let whole: Promise<boolean> | null = null;
  return {
    place: source.place,
    async read(name) {
      const kept = await cache.read(name);
      if (kept !== null) {
        present.set(name, true);
        return kept;
      }
      whole ??= cache.read(listingName).then((listing) => listing !== null);
      if (await whole) return null;
      const bytes = await source.read(name);
      present.set(name, bytes !== null);
      if (bytes !== null) await keep(cache, name, bytes);
      return bytes;
    },
    /** Call it once all files were read and found sound: from then on the model opens offline. */
    async finish() {
      const names = [...present].filter(([, there]) => there).map(([name]) => name);
      await keep(cache, listingName, new TextEncoder().encode(JSON.stringify(names)));
    },
  };
}

async function keep(cache: ModelFileCache, name: string, bytes: Uint8Array): Promise<void> {
  try {
    await cache.write(name, bytes);
  } catch (error) {
    if (!(error instanceof DOMException && error.name === 'QuotaExceededError')) throw error;
  }
}
