import type { ColumnMetaData, PageHeader, SchemaTree } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { parquetHeader } from 'hyparquet/src/column.js';
import { readRleBitPackedHybrid } from 'hyparquet/src/encoding.js';
import { getMaxDefinitionLevel, getMaxRepetitionLevel, isFlatColumn } from 'hyparquet/src/schema.js';
import { checkDifferences, checkRuns, checkShared, type Reader } from './parquet-runs';

/** The part of a column that lies in one row group. */
export interface Chunk {
  readonly bytes: ArrayBuffer;
  readonly meta: ColumnMetaData;
  /** From the root of the schema down to the column. */
  readonly path: readonly SchemaTree[];
  /** Rows of its group. */
  readonly rows: number;
}

/** Numbers of a column in one row group, lists in its rows counted through, which lie in memory one by one. */
const mostValues = 2 ** 26;

/**
 * Unpacks the pages of a chunk, and looks whether they hold as many values as the file says, written as the format says, before anything counts on it.
 * @param room bytes that all of it may be unpacked to
 * @returns the unpacked pages of a chunk that is packed, by where their packed bytes begin in it
 * @throws Error where something is amiss
 */
export function unpackPages(chunk: Chunk, room: number): ReadonlyMap<number, Uint8Array<ArrayBuffer>> {
  const { bytes, meta, rows } = chunk;
  const path = [...chunk.path];
  const flat = isFlatColumn(path);
  const declared = flat ? rows : Number(meta.num_values);
  if (declared > mostValues) throw new Error(`${declared} values in one row group`);
  const pages = new Map<number, Uint8Array<ArrayBuffer>>();
  const reader = { view: new DataView(bytes), offset: 0 };
  let [values, left] = [0, room];
  while (reader.offset < bytes.byteLength - 1 && !(flat && values >= rows)) {
    const header = parquetHeader(reader);
    const count = valuesIn(header);
    const isDictionary = header.type === 'DICTIONARY_PAGE';
    if (!isDictionary) values += count;
    if (values > declared) throw new Error(`${values} values instead of ${declared}`);
    const { offset: start } = reader;
    reader.offset += atLeastNothing(header.compressed_page_size);
    if (reader.offset > bytes.byteLength) throw new Error('A page ends outside of its column');
    left -= atLeastNothing(header.uncompressed_page_size);
    if (left < 0) throw new Error(`Pages of over ${room} bytes`);
    const packed = new Uint8Array(bytes, start, header.compressed_page_size);
    const levels = bytesOfLevels(header);
    if (levels > packed.length) throw new Error('Levels end outside of their page');
    const page = unpacked(packed.subarray(levels), header, levels, meta.codec);
    if (page.buffer !== bytes) pages.set(start + levels, page);
    if (!isDictionary) checkPage(header, packed, page, meta, path);
  }
  if (values < declared) throw new Error(`${values} values instead of ${declared}`);
  return pages;
}

function valuesIn({ type, data_page_header, data_page_header_v2, dictionary_page_header }: PageHeader): number {
  const own = {
    DATA_PAGE: data_page_header,
    DATA_PAGE_V2: data_page_header_v2,
    DICTIONARY_PAGE: dictionary_page_header,
  };
  const header = type === 'INDEX_PAGE' ? undefined : own[type];
  if (header === undefined) throw new Error(`A page of the kind ${type}`);
  return atLeastNothing(header.num_values);
}

function atLeastNothing(number: unknown): number {
  if (typeof number !== 'number' || number < 0) throw new Error(`${String(number)} as a number of things`);
  return number;
}

/** Bytes at the front of a page that are never packed. */
function bytesOfLevels({ type, data_page_header_v2: header }: PageHeader): number {
  if (type !== 'DATA_PAGE_V2' || header === undefined) return 0;
  return atLeastNothing(header.repetition_levels_byte_length) + atLeastNothing(header.definition_levels_byte_length);
}

function unpacked(
  packed: Uint8Array<ArrayBuffer>,
  { data_page_header_v2: second, uncompressed_page_size }: PageHeader,
  levels: number,
  codec: ColumnMetaData['codec'],
): Uint8Array<ArrayBuffer> {
  const size = uncompressed_page_size - levels;
  const isPlain = codec === 'UNCOMPRESSED' || (second !== undefined && (second.is_compressed === false || size === 0));
  if (isPlain) return packed;
  const unpack = compressors[codec];
  if (unpack === undefined) throw new Error(`Pages packed as ${codec}`);
  const page = unpack(packed, size);
  if (page.length !== size) throw new Error(`A page of ${page.length} bytes instead of ${size}`);
  return page.buffer instanceof ArrayBuffer ? (page as Uint8Array<ArrayBuffer>) : new Uint8Array(page);
}

/** Looks through a page of values. */
function checkPage(
  { data_page_header: first, data_page_header_v2: second, type }: PageHeader,
  packed: Uint8Array<ArrayBuffer>,
  page: Uint8Array<ArrayBuffer>,
  meta: ColumnMetaData,
  path: SchemaTree[],
): void {
  const width = (most: number): number => 32 - Math.clz32(most);
  const [repeated, defined] = [getMaxRepetitionLevel(path), getMaxDefinitionLevel(path)];
  const reader: Reader = { view: viewOf(page), offset: 0 };
  if (type === 'DATA_PAGE_V2' && second !== undefined) {
    const { num_values: count, num_nulls: nulls, repetition_levels_byte_length: start } = second;
    const levels = viewOf(packed);
    if (repeated > 0) checkRuns({ view: levels, offset: 0 }, width(repeated), count);
    if (defined > 0) checkRuns({ view: levels, offset: start }, width(defined), count);
    if (atLeastNothing(nulls) > count) throw new Error(`${nulls} of ${count} values are missing`);
    checkValues(reader, second.encoding, meta.type, count - nulls);
  } else if (first !== undefined) {
    const { num_values: count, encoding } = first;
    let missing = 0;
    if (repeated > 0) {
      const length = reader.view.getUint32(0, true);
      checkRuns({ ...reader, offset: 4 }, width(repeated), count);
      reader.offset = 4 + length;
    }
    if (defined > 0) {
      checkRuns({ ...reader, offset: reader.offset + 4 }, width(defined), count);
      const levels = new Uint8Array(count);
      readRleBitPackedHybrid(reader, width(defined), levels);
      for (const level of levels) missing += level === defined ? 0 : 1;
    }
    checkValues(reader, encoding, meta.type, count - missing);
  }
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array<ArrayBuffer>): DataView<ArrayBuffer> {
  return new DataView(buffer, byteOffset, byteLength);
}

/** Values that are written one by one end with the page by themselves. */
function checkValues(reader: Reader, encoding: string, type: string, count: number): void {
  const { view, offset } = reader;
  switch (encoding) {
    case 'RLE':
      // Yes and no stand behind their length.
      if (type === 'BOOLEAN') return checkRuns({ view, offset: offset + 4 }, 1, count);
      return checkIndices(reader, count);
    case 'PLAIN_DICTIONARY':
    case 'RLE_DICTIONARY':
      return checkIndices(reader, count);
    case 'DELTA_BINARY_PACKED':
    case 'DELTA_LENGTH_BYTE_ARRAY':
      return checkDifferences(reader);
    case 'DELTA_BYTE_ARRAY':
      return checkShared(reader, count, mostSharedBytes);
  }
}

/** Bytes of values that share their beginnings: more than that is written from less only where something is damaged. */
const mostSharedBytes = 1e9;

/** Places in a dictionary, behind a byte with their width. */
function checkIndices({ view, offset }: Reader, count: number): void {
  if (count > 0) checkRuns({ view, offset: offset + 1 }, view.getUint8(offset), count);
}
