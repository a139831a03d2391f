import { DatasetError, reasonOf } from './errors';
import { normalizePath } from './paths';
import type { GivenFile, SourceFile } from './source';
import type { Rejection } from './types';
import { isZipPath, openZip, type ZipLimits } from './zip';

/** The files of an import with zips opened; close it when all is read. */
export interface Sources {
  readonly files: readonly SourceFile[];
  readonly rejected: readonly Rejection[];
  close(): Promise<void>;
}

/** Opens dropped files as sources; the entries of a zip appear as files in a folder of its name. */
export async function openSources(
  given: readonly (GivenFile | SourceFile)[],
  signal?: AbortSignal,
  limits?: ZipLimits,
): Promise<Sources> {
  const files: SourceFile[] = [];
  const rejected: Rejection[] = [];
  const closers: (() => Promise<void>)[] = [];
  for (const item of given) {
    signal?.throwIfAborted();
    if ('read' in item) {
      files.push(item);
      continue;
    }
    const { file } = item;
    const path = normalizePath(item.path);
    if (!isZipPath(path) || file.size === 0) {
      files.push({ path, size: file.size, read: () => readBlob(path, file) });
      continue;
    }
    try {
      const zip = await openZip(path, file, limits);
      for (const entry of zip.files) files.push(entry);
      rejected.push(...zip.rejected);
      closers.push(() => zip.close());
    } catch (error) {
      rejected.push({ path, reason: reasonOf(error) });
    }
  }
  return {
    files,
    rejected,
    async close() {
      for (const close of closers) await close();
    },
  };
}

async function readBlob(path: string, file: Blob): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return new Uint8Array(await file.arrayBuffer());
  } catch (error) {
    throw new DatasetError(
      'unreadable',
      `${path} could not be read: it was moved, changed or deleted since it was added, or may not be opened. Add it again.`,
      { cause: error },
    );
  }
}
