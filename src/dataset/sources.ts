import { reasonOf } from './errors';
import { isParquetPath, openParquet } from './parquet';
import { hiddenPart, normalizePath } from './paths';
import { contentOf, isVague, sniffedBytes } from './sniff';
import { blobSource, type GivenFile, type SourceFile } from './source';
import type { Rejection } from './types';
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
    const container = file.size === 0 ? null : await containerOf(path, file);
    if (container === null) files.push(blobSource(path, file));
    else if (container === 'zip') await open(path, () => Promise.resolve(file), false);
    else {
      try {
        const opened =
          container === 'parquet'
            ? await openParquet(path, file, limits, signal)
            : await openTar(path, file, limits, signal, container === 'gzip');
        files.push(...opened.files);
        rejected.push(...opened.rejected);
      } catch (error) {
        signal?.throwIfAborted();
        rejected.push({ path, reason: reasonOf(error) });
      }
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

type Container = 'zip' | 'tar' | 'gzip' | 'parquet';

/** What a file is to be opened as: of those that are called archives, or nothing in particular, the content decides. */
async function containerOf(path: string, file: Blob): Promise<Container | null> {
  const named = containerNamed(path);
  if (named === null && (!isVague(path) || hiddenPart(path) !== null)) return null;
  // A file that cannot be read is reported by whoever needs it.
  const start = await file
    .slice(0, sniffedBytes)
    .arrayBuffer()
    .catch(() => new ArrayBuffer());
  const content = contentOf(new Uint8Array(start));
  if (content === 'zip' || content === 'tar' || content === 'parquet') return content;
  // What is packed with gzip and is not called an archive may be anything.
  return content === 'gzip' && named !== null ? 'gzip' : named;
}

function containerNamed(path: string): Container | null {
  if (isZipPath(path)) return 'zip';
  if (isTarPath(path)) return /gz$/i.test(path) ? 'gzip' : 'tar';
  return isParquetPath(path) ? 'parquet' : null;
}
