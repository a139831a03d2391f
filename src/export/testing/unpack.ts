import { Uint8ArrayReader, Uint8ArrayWriter, ZipReader } from '@zip.js/zip.js';

/** The files of a zip by name, and how each is packed: 0 for stored, 8 for deflated. */
export async function unpack(zip: Blob): Promise<Map<string, { readonly bytes: Uint8Array; readonly method: number }>> {
  const reader = new ZipReader(new Uint8ArrayReader(new Uint8Array(await zip.arrayBuffer())));
  const files = new Map<string, { bytes: Uint8Array; method: number }>();
  for (const entry of await reader.getEntries()) {
    if (!entry.directory) {
      files.set(entry.filename, {
        bytes: await entry.getData(new Uint8ArrayWriter()),
        method: entry.compressionMethod,
      });
    }
  }
  return files;
}
