import { readThumbnails } from '../dataset/storage';

/** Thumbnails as addresses that hold them (`data:image/…`), by the ids of their pictures; those that are not stored any more are missing. */
export async function thumbnailData(ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const blobs = await readThumbnails(ids);
  const found = await Promise.all(
    ids.map(async (id, place) => {
      const blob = blobs[place] ?? null;
      return blob === null ? null : ([id, await dataUrl(blob)] as const);
    }),
  );
  return new Map(found.filter((each) => each !== null));
}

async function dataUrl(blob: Blob): Promise<string> {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  return `data:${blob.type};base64,${btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))}`;
}
