import { DatasetError, reasonOf } from './errors';
import { extensionOf, hiddenPart, normalizePath } from './paths';
import type { GivenFile, SourceFile } from './source';
import type { Rejection } from './types';
import { isParquetPath, openParquet } from './parquet';
import { isTarPath, openTar } from './tar';
import { isZipPath, openZip, zipLimits, type ZipLimits } from './zip';

/** The files of an import with archives opened; close it when all is read. */
export interface Sources {
  readonly files: readonly SourceFile[];
  readonly rejected: readonly Rejection[];
  close(): Promise<void>;
}

/** Bytes of all zips within the zips of an import, which are held in memory; those beyond are left closed. */
const mostNestedBytes = 512e6;

/**
 * Opens dropped files as sources; the entries of a zip or tar appear as files in a folder of its name, and so do those of a zip within a zip.
 * Zips deeper down are left closed.
 */
export async function openSources(
  given: readonly (GivenFile | SourceFile)[],
  signal?: AbortSignal,
  limits: ZipLimits = zipLimits,
): Promise<Sources> {
  const files: SourceFile[] = [];
  const rejected: Rejection[] = [];
  const closers: (() => Promise<void>)[] = [];
  let nestedBytes = 0;

  const open = async (path: string, blob: () => Promise<Blob>, nested: boolean): Promise<void> => {
    signal?.throwIfAborted();
    try {
      // What was opened so far counts, so that zips within a zip cannot hold more than a zip may.
      const left = nested ? { ...limits, entries: limits.entries - files.length } : limits;
      const zip = await openZip(path, await blob(), left);
      closers.push(() => zip.close());
      rejected.push(...zip.rejected);
      for (const entry of zip.files) {
        nestedBytes += isZipPath(entry.path) && !nested ? entry.size : 0;
        if (!isZipPath(entry.path) || nested || nestedBytes > mostNestedBytes) files.push(entry);
        else await open(entry.path, async () => new Blob([await entry.read()]), true);
      }
    } catch (error) {
      signal?.throwIfAborted();
      rejected.push({ path, reason: reasonOf(error) });
    }
  };

  for (const item of given) {
    signal?.throwIfAborted();
    if ('read' in item) {
      files.push(item);
      continue;
    }
    const { file } = item;
    const path = normalizePath(item.path);
    const opener = isTarPath(path) ? openTar : isParquetPath(path) ? openParquet : null;
    if (file.size > 0 && opener !== null) {
      try {
        const opened = await opener(path, file, limits, signal);
        files.push(...opened.files);
        rejected.push(...opened.rejected);
      } catch (error) {
        signal?.throwIfAborted();
        rejected.push({ path, reason: reasonOf(error) });
      }
    } else if (file.size > 0 && (await isZip(path, file))) await open(path, () => Promise.resolve(file), false);
    else files.push({ path, size: file.size, read: () => readBlob(path, file) });
  }
  return {
    files,
    rejected,
    async close() {
      for (const close of closers) await close();
    },
  };
}

/** By the extension; a file without one by its first bytes. */
async function isZip(path: string, file: Blob): Promise<boolean> {
  if (isZipPath(path)) return true;
  if (extensionOf(path) !== '' || hiddenPart(path) !== null) return false;
  const start = await readBlob(path, file.slice(0, 4)).catch(() => new Uint8Array());
  return start.join() === '80,75,3,4';
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
