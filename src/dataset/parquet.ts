import type { FileMetaData } from 'hyparquet';
import { z } from 'zod';
import { DatasetError, formatBytes } from './errors';
import { readImageInfo } from './image-info';
import { readGroup } from './parquet-group';
import { readMetadata } from './parquet-metadata';
import { baseName, extensionOf, joinPath, withoutExtension } from './paths';
import { blobSource, type SourceFile } from './source';
import type { Rejection } from './types';
import type { ZipLimits } from './zip';

/** Bytes of a row group, which is in memory as a whole while it is taken apart. */
const mostGroupBytes = 1e9;

/** True when a file is to be opened as Parquet. */
export function isParquetPath(path: string): boolean {
  return extensionOf(path) === 'parquet';
}

/**
 * Takes a Parquet file of the Hugging Face Hub apart: the pictures in it (`{bytes, path}` or plain bytes) become files in a folder of its name,
 * and the other columns a `metadata.jsonl` beside them, classes by their names. Without pictures it is a table of pictures that lie elsewhere.
 * @throws DatasetError `unreadable` when it is damaged, packed in an unknown way or larger than may be
 */
export async function openParquet(
  path: string,
  parquet: Blob,
  limits: ZipLimits,
  signal?: AbortSignal,
): Promise<{ files: readonly SourceFile[]; rejected: readonly Rejection[] }> {
  const folder = withoutExtension(path);
  const pictures = new Map<string, SourceFile>();
  const lines: string[] = [];
  let unpacked = 0;
  try {
    const metadata = await readMetadata(parquet);
    if (metadata.num_rows > limits.entries) {
      throw new DatasetError('unreadable', `${path} has over ${limits.entries.toLocaleString('en')} rows. Split it.`);
    }
    const classNames = classNamesIn(metadata);
    let start = 0;
    for (const group of metadata.row_groups) {
      signal?.throwIfAborted();
      if (group.total_byte_size > mostGroupBytes) {
        throw new DatasetError(
          'unreadable',
          `${path} has row groups of over ${formatBytes(mostGroupBytes)}. Write it again with smaller ones.`,
        );
      }
      for (const [i, record] of (await readGroup(parquet, metadata, group, mostGroupBytes)).entries()) {
        const fields: Record<string, unknown> = {};
        for (const [column, value] of Object.entries(record)) {
          const picture = pictureIn(value);
          if (picture === null) fields[column] = className(value, classNames.get(column));
          else if (fields['file_name'] === undefined) {
            unpacked += picture.bytes.length;
            const name = freeName(picture.name, start + i, pictures);
            fields['file_name'] = name;
            pictures.set(name, blobSource(joinPath(folder, name), new Blob([picture.bytes])));
          }
        }
        lines.push(JSON.stringify(fields, plainValue));
      }
      start += Number(group.num_rows);
      if (unpacked > limits.totalBytes) {
        throw new DatasetError(
          'unreadable',
          `${path} holds pictures of over ${formatBytes(limits.totalBytes)}. Split it.`,
        );
      }
    }
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof DatasetError) throw error;
    throw new DatasetError(
      'unreadable',
      `${path} is no Parquet file that can be read: it is damaged, cut short or packed in an unknown way. Download it again.`,
      { cause: error },
    );
  }
  const table = new Blob([lines.join('\n')]);
  const tablePath = pictures.size > 0 ? joinPath(folder, 'metadata.jsonl') : `${path}.jsonl`;
  return { files: [...pictures.values(), blobSource(tablePath, table)], rejected: [] };
}

const featuresSchema = z.object({ info: z.object({ features: z.record(z.string(), z.unknown()) }) });
const classLabelSchema = z.object({ _type: z.literal('ClassLabel'), names: z.array(z.string()) });

/** What stands for the numbers of classes, by column, as Hugging Face Datasets writes into the file; none where it says nothing. */
function classNamesIn({ key_value_metadata: entries = [] }: FileMetaData): ReadonlyMap<string, readonly string[]> {
  const written = entries.find(({ key }) => key === 'huggingface')?.value ?? '';
  let document: unknown = null;
  try {
    document = JSON.parse(written);
  } catch {
    // Written by another program: the numbers stay.
  }
  const { info } = featuresSchema.safeParse(document).data ?? {};
  return new Map(
    Object.entries(info?.features ?? {}).flatMap(([column, feature]) => {
      const { names } = classLabelSchema.safeParse(feature).data ?? {};
      return names === undefined ? [] : [[column, names] as const];
    }),
  );
}

/** The name of a class for its number; null for a number of none, which -1 stands for, and any value as it is where there are no names. */
function className(value: unknown, names: readonly string[] | undefined): unknown {
  if (names === undefined || (typeof value !== 'number' && typeof value !== 'bigint')) return value;
  return names[Number(value)] ?? null;
}

/** The bytes of a picture in a cell, with its name where it has one. */
function pictureIn(cell: unknown): { bytes: Uint8Array<ArrayBuffer>; name: string } | null {
  if (cell instanceof Uint8Array) return isPicture(cell) ? { bytes: cell.slice(), name: '' } : null;
  if (typeof cell !== 'object' || cell === null) return null;
  const { bytes, path } = cell as { bytes?: unknown; path?: unknown };
  if (!(bytes instanceof Uint8Array)) return null;
  return { bytes: bytes.slice(), name: typeof path === 'string' ? baseName(path) : '' };
}

function isPicture(bytes: Uint8Array): boolean {
  try {
    readImageInfo(bytes);
    return true;
  } catch {
    return false;
  }
}

/** The picture's own name, or its row where it has none or shares it. A name without extension is recognised by content. */
function freeName(name: string, row: number, taken: ReadonlyMap<string, unknown>): string {
  const number = String(row).padStart(6, '0');
  if (name === '') return number;
  return taken.has(name) ? `${number}-${name}` : name;
}

/** What JSON can hold: whole numbers of 64 bits as numbers, and no bytes. */
function plainValue(_: string, value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  return value instanceof Uint8Array ? undefined : value;
}
