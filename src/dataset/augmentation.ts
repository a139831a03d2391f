import { resize } from '../model/resample';
import type { DecodedImage } from './codec';

/** What is changed at random each time a picture is seen in training. */
export interface Augmentation {
  /** Largest share of the square picture's area that a random resized crop cuts away, 0…0.9. */
  readonly crop: number;
  /** Mirror half of the pictures left to right. */
  readonly flip: boolean;
  /** Strength of brightness, contrast and saturation changes, 0…1. */
  readonly color: number;
}

/** True when a picture comes out as it went in. */
export function isIdentity({ crop, flip, color }: Augmentation): boolean {
  return crop === 0 && !flip && color === 0;
}

/**
 * Side in pixels at which a square picture is kept for augmentation to `size`: larger by as much as the smallest crop magnifies, but no more
 * than a quarter, which bounds memory. A stronger crop is softer by a little.
 */
export function augmentationSide(size: number, { crop }: Augmentation): number {
  return Math.ceil(size * Math.min(1.25, 1 / Math.sqrt(1 - crop)));
}

/** The central square of a decoded picture, transparency laid on white, scaled with a bicubic filter: RGB u8 `[side, side, 3]`. */
export function squarePicture({ width, height, data }: DecodedImage, side: number): Uint8Array {
  const edge = Math.min(width, height);
  const left = (width - edge) >> 1;
  const top = (height - edge) >> 1;
  const square = new Uint8Array(edge * edge * 3);
  for (let y = 0, to = 0; y < edge; y += 1) {
    let from = ((top + y) * width + left) * 4;
    for (let x = 0; x < edge; x += 1, from += 4, to += 3) {
      const alpha = data[from + 3] ?? 255;
      for (let channel = 0; channel < 3; channel += 1) {
        const value = data[from + channel] ?? 0;
        square[to + channel] = alpha === 255 ? value : Math.round((value * alpha + 255 * (255 - alpha)) / 255);
      }
    }
  }
  return Uint8Array.from(resize({ width: edge, height: edge, channels: 3, data: square }, side, side, 'bicubic').data);
}

/**
 * One random view of a square picture: random resized crop (Szegedy et al. 2015, with the aspect ratios 3/4…4/3 that became usual), mirroring
 * and colour changes. The same sequence of random numbers gives the same view.
 * @param picture RGB u8 `[side, side, 3]`
 * @param random uniform in [0, 1); eight numbers are drawn, whatever the settings
 * @returns RGB u8 `[size, size, 3]`
 */
export function augmentPicture(
  picture: Uint8Array,
  side: number,
  size: number,
  { crop, flip, color }: Augmentation,
  random: () => number,
): Uint8Array<ArrayBuffer> {
  const [area, aspect, x, y, mirror, brightness, contrast, saturation] = Array.from({ length: 8 }, random) as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const ratio = crop === 0 ? 1 : Math.sqrt(Math.exp((aspect * 2 - 1) * Math.log(4 / 3)));
  const edge = side * Math.sqrt(1 - area * crop);
  // Where the drawn shape is wider or taller than the picture, it is narrowed to fit.
  const width = Math.min(side, edge * ratio);
  const height = Math.min(side, edge / ratio);
  const out = resampleCrop(picture, side, size, {
    left: x * (side - width),
    top: y * (side - height),
    width,
    height,
    mirrored: flip && mirror < 0.5,
  });
  if (color > 0) {
    // SimCLR's strength: a factor within 1 ± 0.8 · strength for each (Chen et al. 2020, appendix A).
    const factor = (uniform: number): number => 1 + (uniform * 2 - 1) * 0.8 * color;
    changeColors(out, factor(brightness), factor(contrast), factor(saturation));
  }
  return out;
}

interface Region {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly mirrored: boolean;
}

/** Draws a region of a square RGB picture at `size` × `size` with a triangle filter, widened where the picture shrinks: columns, then rows. */
function resampleCrop(picture: Uint8Array, side: number, size: number, region: Region): Uint8Array<ArrayBuffer> {
  const columns = planTaps(region.left, region.width, side, size);
  const rows = planTaps(region.top, region.height, side, size);
  const firstRow = rows.starts[0] ?? 0;
  const lastRow = Math.min(side, (rows.starts[size - 1] ?? 0) + rows.count);
  const stride = size * 3;
  // Only the rows that the crop touches pass through; kept as floats, so that rounding happens once.
  const middle = new Float32Array((lastRow - firstRow) * stride);
  for (let y = firstRow; y < lastRow; y += 1) {
    for (let x = 0; x < size; x += 1) {
      const start = columns.starts[x]!;
      let from = (y * side + start) * 3;
      let red = 0;
      let green = 0;
      let blue = 0;
      for (let tap = 0; tap < columns.count; tap += 1, from += 3) {
        const weight = columns.weights[x * columns.count + tap]!;
        red += picture[from]! * weight;
        green += picture[from + 1]! * weight;
        blue += picture[from + 2]! * weight;
      }
      const to = (y - firstRow) * stride + (region.mirrored ? size - 1 - x : x) * 3;
      middle[to] = red;
      middle[to + 1] = green;
      middle[to + 2] = blue;
    }
  }
  const out = new Uint8Array(size * stride);
  for (let y = 0; y < size; y += 1) {
    const first = (rows.starts[y]! - firstRow) * stride;
    for (let i = 0; i < stride; i += 1) {
      let sum = 0.5;
      for (let tap = 0; tap < rows.count; tap += 1) {
        sum += middle[first + tap * stride + i]! * rows.weights[y * rows.count + tap]!;
      }
      out[y * stride + i] = sum;
    }
  }
  return out;
}

interface Taps {
  readonly count: number;
  /** First input of each output; `count` inputs from there lie within the picture. */
  readonly starts: Int32Array;
  /** `count` weights for each output, summing to one. */
  readonly weights: Float32Array;
}

/** Triangle filter weights from `size` outputs onto the inputs `offset … offset + length` of a line of `side`. */
function planTaps(offset: number, length: number, side: number, size: number): Taps {
  const scale = length / size;
  const support = Math.max(1, scale);
  const count = Math.min(side, Math.ceil(2 * support) + 1);
  const starts = new Int32Array(size);
  const weights = new Float32Array(size * count);
  for (let out = 0; out < size; out += 1) {
    const center = offset + (out + 0.5) * scale - 0.5;
    const start = Math.min(side - count, Math.max(0, Math.ceil(center - support)));
    let sum = 0;
    for (let tap = 0; tap < count; tap += 1) {
      const weight = Math.max(0, 1 - Math.abs(start + tap - center) / support);
      weights[out * count + tap] = weight;
      sum += weight;
    }
    for (let tap = 0; tap < count; tap += 1) weights[out * count + tap]! /= sum;
    starts[out] = start;
  }
  return { count, starts, weights };
}

/** Luma of ITU-R BT.601, as Pillow's "L". */
const luma = (red: number, green: number, blue: number): number => 0.299 * red + 0.587 * green + 0.114 * blue;

/** Multiplies brightness, contrast about the mean grey, and saturation about each pixel's grey, in this order, as torchvision defines them. */
function changeColors(pixels: Uint8Array, brightness: number, contrast: number, saturation: number): void {
  let sum = 0;
  for (let i = 0; i < pixels.length; i += 3) sum += luma(pixels[i]!, pixels[i + 1]!, pixels[i + 2]!);
  const mean = Math.min(255, (sum / (pixels.length / 3)) * brightness);
  const gain = brightness * contrast;
  const lift = mean * (1 - contrast);
  for (let i = 0; i < pixels.length; i += 3) {
    const red = pixels[i]! * gain + lift;
    const green = pixels[i + 1]! * gain + lift;
    const blue = pixels[i + 2]! * gain + lift;
    const grey = luma(red, green, blue) * (1 - saturation);
    pixels[i] = toByte(red * saturation + grey);
    pixels[i + 1] = toByte(green * saturation + grey);
    pixels[i + 2] = toByte(blue * saturation + grey);
  }
}

function toByte(value: number): number {
  return value <= 0 ? 0 : value >= 255 ? 255 : Math.round(value);
}
