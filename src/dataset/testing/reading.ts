import { readDataset, type StoredPicture } from '../listing';
import { madeSource, type SourceFile } from '../source';

/** A source file with the given content. */
export function sourceFile(path: string, content: string | Uint8Array = ''): SourceFile {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  return madeSource(path, bytes.length, () => Promise.resolve(new Uint8Array(bytes)));
}

/** Reads files as an import does, and gives what was found by path. Pictures need no content. */
export async function readFiles(
  files: Readonly<Record<string, string | Uint8Array>>,
  stored: readonly StoredPicture[] = [],
) {
  const reading = await readDataset(
    Object.entries(files).map(([path, content]) => sourceFile(path, content)),
    stored,
  );
  return {
    format: reading.format,
    captions: Object.fromEntries(reading.pictures.map((picture) => [picture.source.path, picture.captions])),
    splits: Object.fromEntries(reading.pictures.map((picture) => [picture.source.path, picture.split])),
    late: Object.fromEntries(reading.late.map(({ id, captions }) => [id, captions])),
    rejected: Object.fromEntries(reading.rejected.map(({ path, reason }) => [path, reason])),
    fields: Object.fromEntries(reading.pictures.map((picture) => [picture.source.path, picture.fields])),
    lateFields: Object.fromEntries(reading.late.map(({ id, fields }) => [id, fields])),
    columns: Object.fromEntries(reading.columns.map(({ name, role }) => [name, role])),
    captionColumn: reading.captionColumn,
    notes: reading.notes,
  };
}

/** Pictures without content at the given paths. */
export function picturesAt(...paths: readonly string[]): Record<string, string> {
  return Object.fromEntries(paths.map((path) => [path, '']));
}
