import { createTarDecoder, type ParsedTarEntry } from 'modern-tar';
import { DatasetError, formatBytes } from './errors';
import { baseName, climbs, joinPath, normalizePath, withoutExtension, withoutRoot } from './paths';
import { blobSource, type SourceFile } from './source';
import type { Rejection } from './types';
import type { ZipLimits } from './zip';

/** Bytes that a tar may unpack to. Its files are held as blobs, which browsers keep on disk when they are many. */
const mostUnpackedBytes = 4e9;

/** True when a file is to be opened as a tar, plain or packed with gzip: a shard of a WebDataset. */
export function isTarPath(path: string): boolean {
  return /\.(tar|tar\.gz|tgz)$/i.test(baseName(path));
}

/**
 * Unpacks a tar and gives its files as source files under a folder of the tar's name. A tar has no table of contents, so it is read through
 * once.
 * @param packed true where it is packed with gzip
 * @throws DatasetError `unreadable` when it is damaged or larger than may be
 */
export async function openTar(
  path: string,
  tar: Blob,
  limits: ZipLimits,
  signal?: AbortSignal,
  packed = /gz$/i.test(path),
): Promise<{ files: readonly SourceFile[]; rejected: readonly Rejection[] }> {
  const folder = isTarPath(path) ? path.replace(/\.(tar|tar\.gz|tgz)$/i, '') : withoutExtension(path);
  const files: SourceFile[] = [];
  const rejected: Rejection[] = [];
  let unpacked = 0;
  try {
    const bytes = packed ? tar.stream().pipeThrough(new DecompressionStream('gzip')) : tar.stream();
    const entries = bytes.pipeThrough(createTarDecoder({ strict: true })).getReader();
    for (let next = await entries.read(); !next.done; next = await entries.read()) {
      signal?.throwIfAborted();
      const { header, body } = next.value;
      unpacked += header.size;
      if (unpacked > Math.min(limits.totalBytes, mostUnpackedBytes) || files.length >= limits.entries) {
        await entries.cancel();
        throw new DatasetError(
          'unreadable',
          `${path} holds more than ${formatBytes(mostUnpackedBytes)} or ${limits.entries.toLocaleString('en')} files. Unpack it and add the folder, or add fewer shards at once.`,
        );
      }
      const reason = refusal(next.value, limits);
      if (reason !== null) {
        await body.cancel();
        if (reason !== '') rejected.push({ path: `${path} › ${header.name}`, reason });
        continue;
      }
      const blob = await new Response(body).blob();
      files.push(blobSource(joinPath(folder, normalizePath(withoutRoot(header.name))), blob));
    }
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof DatasetError) throw error;
    throw new DatasetError(
      'unreadable',
      `${path} is no tar, or it is damaged or cut short. Download or make it again.`,
      {
        cause: error,
      },
    );
  }
  return { files, rejected };
}

/** Why an entry must not be read; empty for a folder, which needs no word; null for a file. */
function refusal({ header }: ParsedTarEntry, limits: ZipLimits): string | null {
  if (header.type === 'directory' || header.type === 'pax-header' || header.type === 'pax-global-header') return '';
  if (climbs(header.name))
    return 'Its path leads out of the tar. Nothing was written; make the tar again without such paths.';
  if (header.type !== undefined && header.type !== 'file')
    return 'It is a link or device, not a file. Put the file itself into the tar.';
  if (header.size > limits.entryBytes) {
    return `It has ${formatBytes(header.size)}, over the limit of ${formatBytes(limits.entryBytes)} for one file.`;
  }
  return null;
}
