import { takeOrientation, type Orientation } from './image-headers/orientation';
import { maxPixels, typeOf, type ImageType } from './image-info';

/** Longest side of a thumbnail in pixels. */
const thumbnailSide = 160;

/** What intake needs to open pictures: the browser's decoder, or a stand-in in tests. */
export interface ImageCodec {
  /**
   * Proves that the picture decodes and makes its thumbnail.
   * @returns size as shown (after EXIF orientation) and the thumbnail
   * @throws Error when the picture does not decode
   */
  inspect(bytes: Uint8Array<ArrayBuffer>, type: ImageType): Promise<InspectedImage>;
}

export interface InspectedImage {
  readonly width: number;
  readonly height: number;
  readonly thumbnail: Blob;
}

/** RGBA pixels, 8 bits each, row by row from the top; alpha is not multiplied in. */
export interface DecodedImage {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray<ArrayBuffer>;
}

/** Decodes with `createImageBitmap` and draws with OffscreenCanvas; works in workers and on the page. SVG has to be rasterised before. */
export const browserCodec: ImageCodec = {
  async inspect(bytes, type) {
    const turned = takeOrientation(bytes, type);
    const blob = new Blob([turned?.bytes ?? bytes], { type });
    const bitmap = await decodeBitmap(blob);
    try {
      if (bitmap.width * bitmap.height > maxPixels) {
        throw new Error(`The picture has over ${maxPixels / 1e6} megapixels.`);
      }
      const orientation = turned?.orientation ?? 1;
      const [width, height] = orientation >= 5 ? [bitmap.height, bitmap.width] : [bitmap.width, bitmap.height];
      // A small picture is its own thumbnail: encoding another would take longer than all the rest.
      if (turned === null && Math.max(width, height) <= thumbnailSide && bytes.length <= 32_768) {
        return { width, height, thumbnail: blob };
      }
      return { width, height, thumbnail: await drawThumbnail(bitmap, orientation) };
    } finally {
      bitmap.close();
    }
  },
};

/**
 * Shorter side in pixels that decoded pictures keep at most: over four times what CLIP models look at. A 12-megapixel photo passes on in a
 * third of the time, and the 224 pixels that a model sees of it change by 0.3 of 255 levels on average.
 */
const ampleSide = 1024;

/**
 * Decodes a stored picture as a model sees it: oriented by EXIF, the first frame, colour values as stored (no profile applied, as Pillow reads
 * them).
 * @param shortestSide a picture whose shorter side is longer is scaled down to it by the browser's best filter
 * @throws Error when the picture does not decode
 */
export async function decodeImage(image: Blob, shortestSide = ampleSide): Promise<DecodedImage> {
  const turned = await unturned(image);
  let bitmap = await decodeBitmap(turned?.image ?? image, { premultiplyAlpha: 'none', colorSpaceConversion: 'none' });
  const scale = shortestSide / Math.min(bitmap.width, bitmap.height);
  if (scale < 1) {
    const full = bitmap;
    bitmap = await createImageBitmap(full, {
      resizeWidth: Math.max(1, Math.round(full.width * scale)),
      resizeHeight: Math.max(1, Math.round(full.height * scale)),
      resizeQuality: 'high',
      premultiplyAlpha: 'none',
    });
    full.close();
  }
  const context = drawUpright(bitmap, bitmap.width, bitmap.height, turned?.orientation ?? 1, true);
  bitmap.close();
  const { width, height } = context.canvas;
  return { width, height, data: context.getImageData(0, 0, width, height).data };
}

/**
 * A picture as it is to be shown: one that browsers may not turn by its EXIF orientation is drawn upright, any other is given back as it is.
 * @throws Error when the picture does not decode
 */
export async function uprightImage(image: Blob): Promise<Blob> {
  const turned = await unturned(image);
  if (turned === null) return image;
  const bitmap = await decodeBitmap(turned.image);
  try {
    const context = drawUpright(bitmap, bitmap.width, bitmap.height, turned.orientation, false);
    return await context.canvas.convertToBlob({ type: 'image/png' });
  } finally {
    bitmap.close();
  }
}

/** A picture without its orientation, and the orientation; null when there is nothing to turn. Only the formats concerned are read. */
async function unturned(image: Blob): Promise<{ image: Blob; orientation: Orientation } | null> {
  const start = new Uint8Array(await image.slice(0, 16).arrayBuffer());
  const type = typeOf(start);
  if (type !== 'image/webp' && type !== 'image/png') return null;
  const turned = takeOrientation(new Uint8Array(await image.arrayBuffer()), type);
  return turned === null ? null : { image: new Blob([turned.bytes], { type }), orientation: turned.orientation };
}

async function decodeBitmap(blob: Blob, options: ImageBitmapOptions = {}): Promise<ImageBitmap> {
  try {
    return await createImageBitmap(blob, { imageOrientation: 'from-image', ...options });
  } catch (error) {
    throw new Error('The picture does not decode: it is damaged or cut short. Save or download it again.', {
      cause: error,
    });
  }
}

async function drawThumbnail(bitmap: ImageBitmap, orientation: Orientation): Promise<Blob> {
  const scale = Math.min(1, thumbnailSide / Math.max(bitmap.width, bitmap.height));
  const width = Math.max(1, Math.round(bitmap.width * scale));
  const height = Math.max(1, Math.round(bitmap.height * scale));
  const context = drawUpright(bitmap, width, height, orientation, false);
  return context.canvas.convertToBlob({ type: 'image/webp', quality: 0.8 });
}

/** Where x and y of a stored picture of one unit point to when it is shown, by orientation: the first four numbers of a canvas transform. */
const turns: Readonly<Record<Orientation, readonly [number, number, number, number]>> = {
  1: [1, 0, 0, 1],
  2: [-1, 0, 0, 1],
  3: [-1, 0, 0, -1],
  4: [1, 0, 0, -1],
  5: [0, 1, 1, 0],
  6: [0, 1, -1, 0],
  7: [0, -1, -1, 0],
  8: [0, -1, 1, 0],
};

/** Draws a bitmap at the given size (before turning) on a canvas of the size after turning. */
function drawUpright(
  bitmap: ImageBitmap,
  width: number,
  height: number,
  orientation: Orientation,
  willReadFrequently: boolean,
): OffscreenCanvasRenderingContext2D {
  const [right, down] = orientation >= 5 ? [height, width] : [width, height];
  const context = canvasContext(right, down, willReadFrequently);
  const [a, b, c, d] = turns[orientation];
  // What points left or up starts at the far edge.
  context.setTransform(a, b, c, d, a + c < 0 ? right : 0, b + d < 0 ? down : 0);
  context.imageSmoothingQuality = 'medium';
  context.drawImage(bitmap, 0, 0, width, height);
  return context;
}

function canvasContext(width: number, height: number, willReadFrequently: boolean): OffscreenCanvasRenderingContext2D {
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently });
  if (context === null)
    throw new Error('The browser gave no canvas to draw pictures on. Close other tabs and try again.');
  return context;
}
