import { BlobWriter, configure, Uint8ArrayReader, ZipWriter, type ZipWriterAddDataOptions } from '@zip.js/zip.js';

configure({ useWebWorkers: false });

/** A zip of the given entries, in their order. */
export async function makeZip(
  entries: Readonly<Record<string, string | Uint8Array>>,
  options: ZipWriterAddDataOptions = {},
): Promise<Blob> {
  const writer = new ZipWriter(new BlobWriter('application/zip'));
  for (const [name, content] of Object.entries(entries)) {
    const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
    await writer.add(name, new Uint8ArrayReader(bytes), options);
  }
  return writer.close();
}

/** A copy of a blob with some bytes overwritten wherever `find` occurs. */
export async function patchBlob(blob: Blob, find: Uint8Array, replace: Uint8Array): Promise<Blob> {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  for (let i = 0; i + find.length <= bytes.length; i += 1) {
    if (find.every((value, j) => bytes[i + j] === value)) bytes.set(replace, i);
  }
  return new Blob([bytes]);
}
