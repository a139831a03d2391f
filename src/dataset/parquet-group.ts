import { parquetReadObjects, parquetSchema, type ColumnMetaData, type Compressors, type FileMetaData } from 'hyparquet';
import { getTreePath } from 'hyparquet/src/schema.js';
import { unpackPages } from './parquet-pages';

export type ParquetRow = Readonly<Record<string, unknown>>;

/** Where the columns of a group begin in the file that the library is given, too far apart to be read in one go. */
const apart = 2 ** 33;

/**
 * Reads one row group. The library is given the columns in memory, looked through and unpacked: it believes what a page says of itself, and would be
 * busy for ever with one that is damaged.
 * @param room bytes that all of it may be unpacked to
 * @throws Error where it is damaged or packed in an unknown way
 */
export async function readGroup(
  file: Blob,
  metadata: FileMetaData,
  group: FileMetaData['row_groups'][number],
  room: number,
): Promise<readonly ParquetRow[]> {
  const tree = parquetSchema(metadata);
  const rows = Number(group.num_rows);
  const chunks = await Promise.all(
    group.columns.map(async ({ meta_data: meta, file_path: elsewhere }) => {
      if (meta === undefined || elsewhere !== undefined) throw new Error('A column that lies elsewhere');
      const start = Number(meta.dictionary_page_offset || meta.data_page_offset);
      const end = start + Number(meta.total_compressed_size);
      if (!Number.isInteger(start) || !(start >= 0 && end >= start && end <= file.size))
        throw new Error('A column outside of the file');
      const bytes = await file.slice(start, end).arrayBuffer();
      return { bytes, meta, path: getTreePath(tree, meta.path_in_schema), rows };
    }),
  );
  let left = room;
  const unpacked = new Map<ArrayBufferLike, ReadonlyMap<number, Uint8Array>>();
  for (const chunk of chunks) {
    const pages = unpackPages(chunk, left);
    for (const page of pages.values()) left -= page.length;
    unpacked.set(chunk.bytes, pages);
  }
  const unpack = ({ buffer, byteOffset }: Uint8Array): Uint8Array => {
    const page = unpacked.get(buffer)?.get(byteOffset);
    if (page === undefined) throw new Error('A page that has not been looked through');
    return page;
  };
  const compressors: Compressors = Object.fromEntries(
    chunks.filter(({ meta }) => meta.codec !== 'UNCOMPRESSED').map(({ meta }) => [meta.codec, unpack]),
  );
  return parquetReadObjects({
    file: {
      byteLength: chunks.length * apart,
      slice(start) {
        const bytes = chunks[start / apart]?.bytes;
        if (bytes === undefined) throw new Error('A part of a column that was not asked for');
        return bytes;
      },
    },
    metadata: {
      ...metadata,
      num_rows: group.num_rows,
      row_groups: [
        { ...group, columns: chunks.map(({ meta, bytes }, k) => ({ file_offset: 0n, meta_data: at(k, meta, bytes) })) },
      ],
    },
    compressors,
    utf8: false,
  });
}

function at(place: number, meta: ColumnMetaData, bytes: ArrayBuffer): ColumnMetaData {
  const moved = { ...meta, data_page_offset: BigInt(place * apart), total_compressed_size: BigInt(bytes.byteLength) };
  // The dictionary stands at the front of the same bytes.
  delete moved.dictionary_page_offset;
  return moved;
}
