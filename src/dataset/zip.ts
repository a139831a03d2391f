import {
  BlobReader,
  configure,
  ERR_BAD_FORMAT,
  ERR_AMBIGUOUS_ARCHIVE,
  ERR_ENCRYPTED_CENTRAL_DIRECTORY,
  ERR_EOCDR_NOT_FOUND,
  ERR_SPLIT_ZIP_FILE,
  ZipReader,
  type Entry,
  type FileEntry,
} from '@zip.js/zip.js';
import { DatasetError, formatBytes, reasonOf } from './errors';
import { baseName, climbs, joinPath, normalizePath, withoutExtension, withoutRoot } from './paths';
import type { SourceFile } from './source';
import type { Rejection } from './types';
import { entryPieces, rangeReader, readEntry } from './zip-entry';
import { entryNames } from './zip-names';

/**
 * Opens zips, which may be damaged or made to harm. Entries that lead out of the zip, are encrypted, links or far too large are refused one by
 * one, with the reason; the others can be read.
 */

// The import runs in a worker already; nested workers would need a build step of their own and win nothing entry by entry.
configure({ useWebWorkers: false });

/** What a zip may cost. Generous for pictures, which hardly compress, and far below what would stop a tab. */
export interface ZipLimits {
  readonly entries: number;
  /** Inflated bytes of one entry. */
  readonly entryBytes: number;
  /** Inflated bytes of all entries together. */
  readonly totalBytes: number;
  /** Inflated ÷ packed size of an entry of more than 1 MB. Text reaches about 20; deflate cannot exceed 1,032. */
  readonly ratio: number;
}

export const zipLimits: ZipLimits = {
  entries: 200_000,
  entryBytes: 256e6,
  totalBytes: 32e9,

  ratio: 200,
};

/** An opened zip: the entries that may be read, and those that may not with the reason. */
export interface OpenedZip {
  readonly files: readonly SourceFile[];
  readonly rejected: readonly Rejection[];
  close(): Promise<void>;
}

/**
 * Reads a zip's directory and gives each sound entry as a source file under a folder of the zip's name. Nothing is inflated before it is read,
 * and nothing beyond its declared size ever.
 * @throws DatasetError `unreadable` when the zip as a whole cannot be trusted or read
 */
export async function openZip(path: string, zip: Blob, limits: ZipLimits = zipLimits): Promise<OpenedZip> {
  const reader = new ZipReader(new BlobReader(zip), { filenameValidation: 'tolerant' });
  const read = rangeReader(zip);
  try {
    const entries = await readDirectory(reader, path, zip.size, limits);
    const files: SourceFile[] = [];
    const rejected: Rejection[] = [];
    const folder = withoutExtension(path);
    const names = entryNames(entries);
    for (const [i, entry] of entries.entries()) {
      if (entry.directory) continue;
      const name = names[i] ?? entry.filename;
      const shown = `${path} › ${name}`;
      const reason = refusal(entry, name, limits);
      if (reason === null) {
        files.push({
          path: joinPath(folder, normalizePath(withoutRoot(name))),
          size: entry.uncompressedSize,
          read: () => readEntry(entry, read, shown),
          pieces: () => entryPieces(entry, read, shown),
        });
      } else rejected.push({ path: shown, reason });
    }
    return { files, rejected, close: () => reader.close() };
  } catch (error) {
    await reader.close();
    throw error;
  }
}

async function readDirectory(reader: ZipReader<Blob>, path: string, size: number, limits: ZipLimits): Promise<Entry[]> {
  const entries: Entry[] = [];
  let declared = 0;
  let packed = 0;
  try {
    for await (const entry of reader.getEntriesGenerator()) {
      entries.push(entry);
      declared += entry.uncompressedSize;
      packed += entry.compressedSize;
      if (entries.length > limits.entries) {
        throw new DatasetError(
          'unreadable',
          `${path} holds more than ${limits.entries.toLocaleString('en')} files. Split it into smaller zips.`,
        );
      }
    }
  } catch (error) {
    throw asDatasetError(error, path);
  }
  if (declared > limits.totalBytes) {
    throw new DatasetError(
      'unreadable',
      `${path} would unpack to ${formatBytes(declared)}, over the limit of ${formatBytes(limits.totalBytes)}. ` +
        'It may be a zip bomb. If it is sound, split it into smaller zips.',
    );
  }
  if (packed > size) {
    throw new DatasetError(
      'unreadable',
      `${path} claims to hold ${formatBytes(packed)} of packed files but is ${formatBytes(size)} long: its entries overlap (a zip bomb) or it is cut short. Make the zip again.`,
    );
  }
  return entries;
}

/** Why an entry must not be read, or null. */
function refusal(entry: FileEntry, name: string, limits: ZipLimits): string | null {
  if (climbs(name)) return 'Its path leads out of the zip. Nothing was written; make the zip again without such paths.';
  if (entry.encrypted) return 'It is encrypted. Unpack the zip with its password and add the folder instead.';
  if (entry.symlink) return 'It is a link, not a file. Put the file itself into the zip.';
  if (entry.compressionMethod !== 0 && entry.compressionMethod !== 8) {
    return 'It is packed in a way other than Deflate. Make the zip again with ordinary compression.';
  }
  if (entry.uncompressedSize > limits.entryBytes) {
    return `It unpacks to ${formatBytes(entry.uncompressedSize)}, over the limit of ${formatBytes(limits.entryBytes)} for one file.`;
  }
  if (entry.uncompressedSize > 1e6 && entry.uncompressedSize > entry.compressedSize * limits.ratio) {
    return `It unpacks to ${formatBytes(entry.uncompressedSize)} from ${formatBytes(entry.compressedSize)}, which no picture or caption file does: a zip bomb.`;
  }
  return null;
}

/** zip.js' terse messages in words for the user. */
function asDatasetError(error: unknown, path: string): DatasetError {
  if (error instanceof DatasetError) return error;
  const say = (sentence: string): DatasetError => new DatasetError('unreadable', sentence, { cause: error });
  switch (reasonOf(error)) {
    case ERR_BAD_FORMAT:
      return say(
        `${path} is no zip, or it is damaged: its table of contents cannot be read. Download or make it again.`,
      );
    case ERR_EOCDR_NOT_FOUND:
      return say(`${path} is no zip, or it is cut short: its table of contents is missing. Download or make it again.`);
    case ERR_ENCRYPTED_CENTRAL_DIRECTORY:
      return say(`${path} is encrypted. Unpack it with its password and add the folder instead.`);
    case ERR_SPLIT_ZIP_FILE:
      return say(`${path} is one part of a split zip. Join the parts, or add the unpacked folder.`);
    case ERR_AMBIGUOUS_ARCHIVE:
      return say(`${path} can be read in two ways (its tables contradict each other). Make the zip again.`);
    default:
      return say(`${path} is damaged or cut short. Download or make the zip again.`);
  }
}

/** True when a file is to be opened as a zip: by its extension (`.tm` is a project of Teachable Machine). */
export function isZipPath(path: string): boolean {
  return /\.(zip|tm|cbz)$/i.test(baseName(path));
}
