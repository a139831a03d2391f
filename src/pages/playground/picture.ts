import { uprightImage } from '../../dataset/codec';
import { readImageBlob } from '../../dataset/storage';
import type { ImageRecord } from '../../dataset/types';

/** A picture to ask about. */
export interface ChosenPicture {
  /** The same for the same picture. */
  readonly key: string;
  readonly blob: Blob;
  /** What to call it. */
  readonly name: string;
  /** Its own captions, where it is one of the dataset. */
  readonly captions: readonly string[];
}

let dropped = 0;

/** A file that the user dropped or chose. */
export function pictureOfFile(file: File): ChosenPicture {
  dropped += 1;
  return { key: `file ${dropped}`, blob: file, name: file.name, captions: [] };
}

/** A picture of the dataset; null when its bytes are not stored any more. */
export async function pictureOfRecord(image: ImageRecord): Promise<ChosenPicture | null> {
  const blob = await readImageBlob(image);
  return blob === null
    ? null
    : {
        key: image.id,
        blob: await uprightImage(blob),
        name: image.captions[0] ?? image.path,
        captions: image.captions,
      };
}
