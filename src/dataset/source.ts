import { DatasetError } from './errors';

/** A file of an import, read when it is needed: a dropped file or an entry of an archive. */
export interface SourceFile {
  /** Normalised path; for an entry of an archive, the path within it. */
  readonly path: string;
  /** Bytes once read (inflated). */
  readonly size: number;
  /** @throws DatasetError `unreadable` when the file is damaged or gone */
  read(): Promise<Uint8Array<ArrayBuffer>>;
  /**
   * The bytes piece by piece, from the start each time it is called. Whoever needs no more stops; the rest is not read then.
   * @throws DatasetError `unreadable`, where it is reached
   */
  pieces(): AsyncIterable<Uint8Array<ArrayBuffer>>;
}

/** A file as the page hands it over. */
export interface GivenFile {
  readonly path: string;
  readonly file: Blob;
}

/** A source of bytes that lie in a blob. */
export function blobSource(path: string, blob: Blob): SourceFile {
  return {
    path,
    size: blob.size,
    read: async () => {
      try {
        return new Uint8Array(await blob.arrayBuffer());
      } catch (error) {
        throw gone(path, error);
      }
    },
    async *pieces() {
      const reader = blob.stream().getReader();
      try {
        for (let piece = await reader.read(); !piece.done; piece = await reader.read()) yield piece.value;
      } catch (error) {
        throw gone(path, error);
      } finally {
        await reader.cancel().catch(() => undefined);
      }
    },
  };
}

/** A source of bytes that are made when they are asked for. */
export function madeSource(path: string, size: number, make: () => Promise<Uint8Array<ArrayBuffer>>): SourceFile {
  return {
    path,
    size,
    read: make,
    async *pieces() {
      yield await make();
    },
  };
}

/** The first bytes of a source, `count` at most. */
export async function startOf(source: SourceFile, count: number): Promise<Uint8Array<ArrayBuffer>> {
  const start = new Uint8Array(Math.min(count, source.size));
  let filled = 0;
  for await (const piece of source.pieces()) {
    start.set(piece.subarray(0, start.length - filled), filled);
    filled += Math.min(piece.length, start.length - filled);
    if (filled >= start.length) break;
  }
  return start.subarray(0, filled);
}

function gone(path: string, cause: unknown): DatasetError {
  return new DatasetError(
    'unreadable',
    `${path} could not be read: it was moved, changed or deleted since it was added, or may not be opened. Add it again.`,
    { cause },
  );
}
