import { parquetMetadataAsync, type FileMetaData } from 'hyparquet';
import { markGeoColumns } from 'hyparquet/src/geoparquet.js';

/**
 * Reads what a Parquet file says of itself at its end.
 * @throws Error where it is none, or its counts cannot be
 */
export async function readMetadata(file: Blob): Promise<FileMetaData> {
  const metadata = await parquetMetadataAsync(
    { byteLength: file.size, slice: (start, end) => file.slice(start, end).arrayBuffer() },
    { geoparquet: false },
  );
  // Looked at before the library goes on: it would go through fewer than no children for ever.
  for (const { num_children: children = 0 } of metadata.schema) {
    if (!(children >= 0)) throw new Error(`${children} columns in a column`);
  }
  markGeoColumns(metadata.schema, metadata.key_value_metadata);
  let rows = 0n;
  for (const group of metadata.row_groups) {
    if (group.num_rows < 0n) throw new Error(`A group of ${group.num_rows} rows`);
    rows += group.num_rows;
  }
  if (rows !== metadata.num_rows) throw new Error(`${rows} rows instead of ${metadata.num_rows}`);
  return metadata;
}
