/**
 * Random views of pictures: what a training picture looks like in one epoch. This file defines them in numbers, for executors that compute them
 * on the CPU and as the reference of the WGSL kernels (`kernels/patchify-view.ts`).
 */

/** One view of a square picture: a part of it, drawn at another size, mirrored or not, with its colours changed. */
export interface View {
  /** The part that is shown, in pixels of the square; it lies within the square. */
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  /** Left and right change places. */
  readonly mirrored: boolean;
  /** Factors, at least 0; 1 changes nothing. */
  readonly brightness: number;
  readonly contrast: number;
  readonly saturation: number;
}

/** Numbers of a packed view. */
export const viewLength = 8;

/** A view as a graph takes it, `viewLength` numbers. */
export function packView(view: View): Float32Array<ArrayBuffer> {
  const { left, top, width, height, mirrored, brightness, contrast, saturation } = view;
  return Float32Array.of(left, top, width, height, mirrored ? 1 : 0, brightness, contrast, saturation);
}

/** One of several packed views. */
export function unpackView(packed: ArrayLike<number>, index: number): View {
  const value = (field: number): number => packed[index * viewLength + field] ?? NaN;
  return {
    left: value(0),
    top: value(1),
    width: value(2),
    height: value(3),
    mirrored: value(4) !== 0,
    brightness: value(5),
    contrast: value(6),
    saturation: value(7),
  };
}

/**
 * Draws a view. Resampling takes a triangle filter, widened where the picture shrinks (Pillow's `resize` with `box` and `BILINEAR`); it sees
 * pixels beside the part shown, so that a part's border has nothing of its own. Then brightness, contrast about the mean grey of the view,
 * and saturation about each pixel's grey, each cut off at black and white, as torchvision's `adjust_*` functions do with floats. Nothing is
 * rounded on the way.
 *
 * @param square RGB u8 `[side, side, 3]`
 * @returns RGB `[size, size, 3]`, 0…255
 */
export function drawView(square: ArrayLike<number>, side: number, size: number, view: View): Float64Array {
  const pixels = resample(square, side, size, view);
  changeColors(pixels, view);
  return pixels;
}

function resample(square: ArrayLike<number>, side: number, size: number, view: View): Float64Array {
  const columns = planTaps(view.left, view.width, side, size);
  const rows = planTaps(view.top, view.height, side, size);
  const firstRow = rows.starts[0] ?? 0;
  const lastRow = Math.min(side, (rows.starts[size - 1] ?? 0) + rows.count);
  const stride = size * 3;
  // Only the rows that the view touches pass through.
  const middle = new Float64Array((lastRow - firstRow) * stride);
  for (let y = firstRow; y < lastRow; y += 1) {
    for (let x = 0; x < size; x += 1) {
      let from = (y * side + columns.starts[x]!) * 3;
      let red = 0;
      let green = 0;
      let blue = 0;
      for (let tap = 0; tap < columns.count; tap += 1, from += 3) {
        const weight = columns.weights[x * columns.count + tap]!;
        red += square[from]! * weight;
        green += square[from + 1]! * weight;
        blue += square[from + 2]! * weight;
      }
      const to = (y - firstRow) * stride + (view.mirrored ? size - 1 - x : x) * 3;
      middle[to] = red;
      middle[to + 1] = green;
      middle[to + 2] = blue;
    }
  }
  const pixels = new Float64Array(size * stride);
  for (let y = 0; y < size; y += 1) {
    const first = (rows.starts[y]! - firstRow) * stride;
    for (let i = 0; i < stride; i += 1) {
      let sum = 0;
      for (let tap = 0; tap < rows.count; tap += 1) {
        sum += middle[first + tap * stride + i]! * rows.weights[y * rows.count + tap]!;
      }
      pixels[y * stride + i] = sum;
    }
  }
  return pixels;
}

interface Taps {
  readonly count: number;
  /** First input of each output; `count` inputs from there lie within the picture. */
  readonly starts: Int32Array;
  /** `count` weights for each output, summing to one. */
  readonly weights: Float64Array;
}

/** Triangle filter weights from `size` outputs onto the inputs `offset … offset + length` of a line of `side`. */
function planTaps(offset: number, length: number, side: number, size: number): Taps {
  const scale = length / size;
  const support = Math.max(1, scale);
  const count = tapCount(side, support);
  const starts = new Int32Array(size);
  const weights = new Float64Array(size * count);
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

/** Inputs along one line that a triangle of this half width can touch. */
export function tapCount(side: number, support: number): number {
  return Math.min(side, Math.ceil(2 * support) + 1);
}

/** Weights of red, green and blue in grey: luma of ITU-R BT.601, as Pillow's "L". */
export const greyWeights = [0.299, 0.587, 0.114] as const;

function changeColors(pixels: Float64Array, { brightness, contrast, saturation }: View): void {
  if (brightness === 1 && contrast === 1 && saturation === 1) return;
  const [redWeight, greenWeight, blueWeight] = greyWeights;
  const grey = (at: number): number =>
    pixels[at]! * redWeight + pixels[at + 1]! * greenWeight + pixels[at + 2]! * blueWeight;
  let sum = 0;
  for (let i = 0; i < pixels.length; i += 3) {
    for (let channel = i; channel < i + 3; channel += 1) pixels[channel] = cutOff(pixels[channel]! * brightness);
    sum += grey(i);
  }
  const lift = (sum / (pixels.length / 3)) * (1 - contrast);
  for (let i = 0; i < pixels.length; i += 3) {
    for (let channel = i; channel < i + 3; channel += 1) pixels[channel] = cutOff(pixels[channel]! * contrast + lift);
    const share = grey(i) * (1 - saturation);
    for (let channel = i; channel < i + 3; channel += 1) {
      pixels[channel] = cutOff(pixels[channel]! * saturation + share);
    }
  }
}

function cutOff(value: number): number {
  return value <= 0 ? 0 : value >= 255 ? 255 : value;
}
