import { z } from 'zod';
import { ModelError } from './errors';
import { fetchFile, fileExists } from './fetch-file';

/**
 * Where the files of a model come from: what was dropped, an address, or what was kept of an earlier visit. Files are known by their names in the
 * model's folder; null says that there is none.
 */

export const weightsFile = 'model.safetensors';
/** Tells in which file of a sharded checkpoint each tensor lies. */
export const indexFile = 'model.safetensors.index.json';

/** Where the files of one model come from. */
export interface ModelFiles {
  /** For messages: an address or "the chosen folder". */
  readonly place: string;
  /** A file by its name in the model's folder, or null when there is none. */
  read(name: string): Promise<Uint8Array<ArrayBuffer> | null>;
  /** All names, where they are known. */
  readonly names?: readonly string[];
  /** Whether there is a file of that name, where it can be asked without reading it. */
  exists?(name: string): Promise<boolean>;
}

/** Keeps files that were fetched once. `write` may fail, as on a full disk; the model then works without being kept. */
export interface ModelFileCache {
  read(name: string): Promise<Uint8Array<ArrayBuffer> | null>;
  write(name: string, bytes: Uint8Array): Promise<void>;
}

export interface ReadOptions {
  readonly signal?: AbortSignal | undefined;
  /** Bytes of the file being read, and of how many where known. */
  readonly onProgress?: ((file: string, loaded: number, total: number | null) => void) | undefined;
  /** The connection is lost, with so many bytes of the file so far; it is tried again by itself. */
  readonly onInterrupted?: ((file: string, loaded: number, total: number | null) => void) | undefined;
  /** Milliseconds before each further try of a file whose connection was lost; the usual two minutes in all if not given. */
  readonly waits?: readonly number[];
}

/** Files that the user chose or dropped; folders in their names are left out of account. */
export function droppedFiles(
  files: readonly { readonly name: string; readonly file: Blob }[],
  options: ReadOptions = {},
): ModelFiles {
  const byName = new Map(files.map(({ name, file }) => [name.slice(name.lastIndexOf('/') + 1), file]));
  return {
    place: 'the chosen folder',
    names: [...byName.keys()],
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
  let reached = false;
  return {
    place: folder,
    async read(name) {
      const bytes = await fetchFile(`${folder}/${name}`, {
        signal: options.signal,
        onProgress: (loaded, total) => options.onProgress?.(name, loaded, total),
        onInterrupted: (loaded, total) => options.onInterrupted?.(name, loaded, total),
        reached,
        ...(options.waits === undefined ? {} : { waits: options.waits }),
      });
      reached = true;
      return bytes;
    },
    exists: (name) => fileExists(`${folder}/${name}`, options.signal),
  };
}

/** Lists which files of a model are there and which are not, so that a kept model opens without asking the hub again. */
const listingName = '.vernier-files.json';

const listingSchema = z.union([
  z.record(z.string(), z.boolean()),
  // Kept models listed only what was there at first.
  z.array(z.string()).transform((names) => Object.fromEntries(names.map((name) => [name, true]))),
]);

/** What `keptFiles` gives. */
export interface KeptFiles extends ModelFiles {
  /**
   * Call it once all files were read and found sound: from then on the model opens offline.
   *
   * @returns why not all of them could be kept, a sentence for the user; null where they are
   */
  finish(): Promise<string | null>;
}

/** Files that were read before come from the cache; others are read from `source` and kept. */
export function keptFiles(source: ModelFiles, cache: ModelFileCache): KeptFiles {
  let failure: string | null = null;
  const keep = async (name: string, bytes: Uint8Array): Promise<void> => {
    try {
      await cache.write(name, bytes);
    } catch (error) {
      failure = error instanceof Error ? error.message : String(error);
    }
  };
  const present = new Map<string, boolean>();
  let listing: Promise<Readonly<Record<string, boolean>> | null> | null = null;
  return {
    ...source,
    async read(name) {
      const kept = await cache.read(name);
      if (kept !== null) {
        present.set(name, true);
        return kept;
      }
      listing ??= readListing(cache);
      const listed = await listing;
      if (listed?.[name] === false) {
        present.set(name, false);
        return null;
      }
      const bytes = await (listed === null || listed[name] === true ? source.read(name) : readLater(source, name));
      present.set(name, bytes !== null);
      if (bytes !== null) await keep(name, bytes);
      return bytes;
    },
    async finish() {
      await keep(listingName, new TextEncoder().encode(JSON.stringify(Object.fromEntries(present))));
      return failure;
    },
  };
}

async function readListing(cache: ModelFileCache): Promise<Readonly<Record<string, boolean>> | null> {
  const bytes = await cache.read(listingName);
  if (bytes === null) return null;
  try {
    return listingSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch {
    return null;
  }
}

/** A file that was not asked for when the model was kept; without a network the model opens as it did then. */
async function readLater(source: ModelFiles, name: string): Promise<Uint8Array<ArrayBuffer> | null> {
  try {
    return await source.read(name);
  } catch (error) {
    if (error instanceof ModelError && error.code === 'network') return null;
    throw error;
  }
}
