import { rasterizeSvg } from '../../components/rasterize-svg';
import { browserCodec, uprightImage } from '../../dataset/codec';
import { readImageInfo } from '../../dataset/image-info';
import type { SvgRasterizer } from '../../dataset/svg/drawing';
import { fileLimits } from '../../dataset/limits';
import { readImageBlob, readThumbnail } from '../../dataset/storage';
import { drawSvg } from '../../dataset/svg/drawing';
import { prepareSvg } from '../../dataset/svg/prepare';
import { pictureOf } from '../../dataset/sample';
import type { SampleRecord } from '../../dataset/types';

/** A picture to ask about. */
export interface ChosenPicture {
  /** The same for the same picture. */
  readonly key: string;
  readonly blob: Blob;
  /** What to show of it: small, still, and drawn here, since the file may come from anywhere. */
  readonly shown: Blob;
  /** What to call it. */
  readonly name: string;
  /** Its own captions, where it is one of the dataset. */
  readonly captions: readonly string[];
}

let dropped = 0;

/**
 * A file that the user dropped or chose, opened with the same care as in an import; an SVG becomes a PNG.
 * @throws Error with a sentence for the user when it is no picture that can be taken
 */
export async function pictureOfFile(file: File): Promise<ChosenPicture> {
  if (file.size > fileLimits.picture) {
    throw new Error(`The picture has over ${fileLimits.picture / 1e6} MB. Save it as JPEG or scale it down.`);
  }
  const original = new Uint8Array(await file.arrayBuffer());
  const info = readImageInfo(original);
  const isSvg = info.type === 'image/svg+xml';
  const bytes = isSvg ? await drawSvg(original, info, drawSafely) : original;
  const type = isSvg ? 'image/png' : info.type;
  const { thumbnail } = await browserCodec.inspect(bytes, type);
  dropped += 1;
  return { key: `file ${dropped}`, blob: new Blob([bytes], { type }), shown: thumbnail, name: file.name, captions: [] };
}

const drawSafely: SvgRasterizer = async (svg, width, height) =>
  rasterizeSvg(prepareSvg(svg, width, height), width, height);

/** A picture of the dataset; null when its bytes are not stored any more. */
export async function pictureOfRecord(image: SampleRecord): Promise<ChosenPicture | null> {
  const [blob, thumbnail] = await Promise.all([readImageBlob(image), readThumbnail(image.id)]);
  if (blob === null) return null;
  const { id, captions } = image;
  const name = captions[0] ?? pictureOf(image).path;
  return { key: id, blob, shown: thumbnail ?? (await uprightImage(blob)), name, captions };
}
