import { BlobWriter, configure, Uint8ArrayReader, ZipWriter } from '@zip.js/zip.js';

configure({ useWebWorkers: false });

/** Packs files into a zip. Weights are stored as they are, since they do not compress; text is deflated. */
export async function packZip(files: ReadonlyMap<string, Uint8Array>, createdAt: number): Promise<Blob> {
  const writer = new ZipWriter(new BlobWriter('application/zip'), { lastModDate: new Date(createdAt) });
  for (const [name, bytes] of files) {
    await writer.add(name, new Uint8ArrayReader(bytes), { level: name.endsWith('.safetensors') ? 0 : 6 });
  }
  return writer.close();
}
