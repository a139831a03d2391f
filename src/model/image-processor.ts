import type { PixelNormalization } from '../engine/ops/patchify/node';
import type { ImageProcessing, ResizeRule } from './image-processing';
import { resize, type Raster } from './resample';

/** A decoded picture: RGBA, 8 bits a channel, not premultiplied, row by row. */
export interface RgbaImage {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array | Uint8ClampedArray;
}

/** A rectangle in shares of a picture's width and height, from its upper left corner. */
export interface PicturePart {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Brings pictures to the form that a model was trained on, as Transformers' `CLIPImageProcessor` does. */
export interface ImageProcessor {
  /** Side of the result in pixels: the part of the model's picture that whole patches cover. */
  readonly size: number;
  /** What the graph does to the pixels: `(pixel / 255 - mean) / std`. */
  readonly normalization: PixelNormalization;
  /** RGB u8 `[size, size, 3]`: transparency laid on white, shortest edge resized, centre cropped. */
  process(image: RgbaImage): Uint8Array<ArrayBuffer>;
  /**
   * The part of a picture of that size that the model sees, in shares of its width and height. It reaches beyond the picture where that gets a
   * border.
   */
  seen(picture: Pick<RgbaImage, 'width' | 'height'>): PicturePart;
  /** All that `process` depends on besides the picture, as text: processors with equal steps give equal pixels. */
  readonly steps: string;
}

/**
 * @param coveredSize side of the upper left part that whole patches cover (`Architecture.image.pixels`), as a strided convolution leaves the rest unread
 */
export function createImageProcessor(processing: ImageProcessing, coveredSize = processing.side): ImageProcessor {
  const { side, resize: rule, filter, scale, mean, std } = processing;
  const folded = ([a, b, c]: ImageProcessing['mean']) => [a / scale, b / scale, c / scale] as const;
  return {
    size: coveredSize,
    steps: JSON.stringify({ resized: rule, filter, cropped: side, covered: coveredSize }),
    // Another factor than 1/255 is folded into mean and deviation: `(pixel · factor - mean) / std`.
    normalization: { mean: folded(mean), std: folded(std) },
    process(image) {
      let raster = onWhite(image);
      if (rule !== null) {
        const { width, height } = resizedSize(raster, rule);
        raster = resize(raster, width, height, filter);
      }
      return topLeft(centerCrop(raster, side), side, coveredSize);
    },
    seen(picture) {
      const { width, height } = rule === null ? picture : resizedSize(picture, rule);
      return {
        x: cropStart(width, side) / width,
        y: cropStart(height, side) / height,
        width: coveredSize / width,
        height: coveredSize / height,
      };
    },
  };
}

/** Transformers drops the alpha channel, which leaves whatever colour lay beneath; people mean the picture on a white page. */
function onWhite({ width, height, data }: RgbaImage): Raster {
  const rgb = new Uint8Array(width * height * 3);
  for (let from = 0, to = 0; to < rgb.length; from += 4, to += 3) {
    const alpha = data[from + 3] ?? 255;
    for (let channel = 0; channel < 3; channel++) {
      const value = data[from + channel] ?? 0;
      rgb[to + channel] = alpha === 255 ? value : Math.round((value * alpha + 255 * (255 - alpha)) / 255);
    }
  }
  return { width, height, channels: 3, data: rgb };
}

/** As `resize` of Transformers' image processors: an edge in proportion is cut to a whole number, not rounded. */
function resizedSize(
  { width, height }: Pick<Raster, 'width' | 'height'>,
  rule: ResizeRule,
): { width: number; height: number } {
  if (rule.kind === 'exact') return rule;
  if (rule.kind === 'within') {
    const factor = Math.min(rule.width / width, rule.height / height);
    return { width: Math.max(1, Math.trunc(width * factor)), height: Math.max(1, Math.trunc(height * factor)) };
  }
  const [short, long] = [Math.min(width, height), Math.max(width, height)];
  const tooLong = rule.longest !== null && (long / short) * rule.edge > rule.longest;
  const exact = tooLong ? ((rule.longest ?? 0) * short) / long : rule.edge;
  const edge = Math.max(1, tooLong ? roundHalfToEven(exact) : rule.edge);
  if (edge === short) return { width, height };
  return width < height
    ? { width: edge, height: Math.max(1, Math.trunc((exact * height) / width)) }
    : { width: Math.max(1, Math.trunc((exact * width) / height)), height: edge };
}

/** Python's `round`. */
function roundHalfToEven(value: number): number {
  const below = Math.floor(value);
  if (value - below !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}

/** Where the middle `size` pixels of an edge begin; negative where the edge is shorter. */
function cropStart(edge: number, size: number): number {
  return Math.floor((edge - size) / 2);
}

/** The middle `size` × `size` pixels; a smaller picture gets a black border, as `center_crop` of Transformers does. */
function centerCrop(raster: Raster, size: number): Uint8Array<ArrayBuffer> {
  const top = cropStart(raster.height, size);
  const left = cropStart(raster.width, size);
  const out = new Uint8Array(size * size * 3);
  for (let y = 0; y < size; y++) {
    const row = top + y;
    if (row < 0 || row >= raster.height) continue;
    const from = Math.max(0, left);
    const to = Math.min(raster.width, left + size);
    const start = row * raster.width;
    out.set(raster.data.subarray((start + from) * 3, (start + to) * 3), (y * size + from - left) * 3);
  }
  return out;
}

function topLeft(pixels: Uint8Array<ArrayBuffer>, size: number, covered: number): Uint8Array<ArrayBuffer> {
  if (covered === size) return pixels;
  const out = new Uint8Array(covered * covered * 3);
  for (let y = 0; y < covered; y++) {
    out.set(pixels.subarray(y * size * 3, (y * size + covered) * 3), y * covered * 3);
  }
  return out;
}
