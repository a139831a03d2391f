/**
 * Resampling of 8-bit pictures, with the arithmetic of Pillow (python-pillow/Pillow, src/libImaging/Resample.c): two passes, horizontal first,
 * each with filter weights in fixed point and rounded to 8 bits, the filter widened when a picture shrinks. CLIP's processors resize with it, so
 * equal pixels here mean equal embeddings there.
 */

/** `PIL.Image.Resampling` codes as `preprocessor_config.json` writes them. */
export type ResamplingFilter = 'lanczos' | 'bilinear' | 'bicubic' | 'box' | 'hamming' | 'nearest';

/** A picture of 8-bit channels, row by row. */
export interface Raster {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly data: Uint8Array | Uint8ClampedArray;
}

interface Kernel {
  readonly support: number;
  readonly weight: (x: number) => number;
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

/** Cubic convolution with a = -0.5 (Keys 1981), Pillow's choice. */
function cubic(x: number): number {
  const a = -0.5;
  const t = Math.abs(x);
  if (t < 1) return ((a + 2) * t - (a + 3)) * t * t + 1;
  if (t < 2) return (((t - 5) * t + 8) * t - 4) * a;
  return 0;
}

const kernels: Readonly<Record<Exclude<ResamplingFilter, 'nearest'>, Kernel>> = {
  box: { support: 0.5, weight: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0) },
  bilinear: { support: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) },
  hamming: {
    support: 1,
    weight: (x) => (Math.abs(x) >= 1 ? 0 : sinc(x) * (0.54 + 0.46 * Math.cos(Math.PI * x))),
  },
  bicubic: { support: 2, weight: cubic },
  lanczos: { support: 3, weight: (x) => (Math.abs(x) < 3 ? sinc(x) * sinc(x / 3) : 0) },
};

/** Bits of the fraction of a weight: 32, less 8 for the pixel, less 2 for overshoot of the sum. */
const fractionBits = 22;

interface Taps {
  /** First input position of each output position. */
  readonly starts: Int32Array;
  readonly counts: Int32Array;
  /** `width` weights for each output position. */
  readonly weights: Int32Array;
  readonly width: number;
}

function planTaps(input: number, output: number, kernel: Kernel): Taps {
  const scale = input / output;
  const filterScale = Math.max(scale, 1);
  const support = kernel.support * filterScale;
  const width = Math.ceil(support) * 2 + 1;
  const starts = new Int32Array(output);
  const counts = new Int32Array(output);
  const weights = new Int32Array(output * width);
  const exact = new Float64Array(width);
  for (let out = 0; out < output; out++) {
    const center = (out + 0.5) * scale;
    const start = Math.max(0, Math.trunc(center - support + 0.5));
    const count = Math.min(input, Math.trunc(center + support + 0.5)) - start;
    let sum = 0;
    for (let tap = 0; tap < count; tap++) {
      const weight = kernel.weight((tap + start - center + 0.5) / filterScale);
      exact[tap] = weight;
      sum += weight;
    }
    for (let tap = 0; tap < count; tap++) {
      const weight = ((exact[tap] ?? 0) / (sum === 0 ? 1 : sum)) * 2 ** fractionBits;
      weights[out * width + tap] = Math.trunc(weight + (weight < 0 ? -0.5 : 0.5));
    }
    starts[out] = start;
    counts[out] = count;
  }
  return { starts, counts, weights, width };
}

function clip8(sum: number): number {
  const value = sum >> fractionBits;
  return value < 0 ? 0 : value > 255 ? 255 : value;
}

function resizeColumns(raster: Raster, output: number, kernel: Kernel): Raster {
  const { width, height, channels, data } = raster;
  const { starts, counts, weights, width: stride } = planTaps(width, output, kernel);
  const result = new Uint8Array(output * height * channels);
  let at = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < output; x++) {
      const first = (y * width + (starts[x] ?? 0)) * channels;
      const count = counts[x] ?? 0;
      for (let channel = 0; channel < channels; channel++) {
        let sum = 1 << (fractionBits - 1);
        for (let tap = 0; tap < count; tap++) {
          sum += (data[first + tap * channels + channel] ?? 0) * (weights[x * stride + tap] ?? 0);
        }
        result[at++] = clip8(sum);
      }
    }
  }
  return { width: output, height, channels, data: result };
}

function resizeRows(raster: Raster, output: number, kernel: Kernel): Raster {
  const { width, height, channels, data } = raster;
  const { starts, counts, weights, width: stride } = planTaps(height, output, kernel);
  const rowLength = width * channels;
  const result = new Uint8Array(output * rowLength);
  for (let y = 0; y < output; y++) {
    const first = (starts[y] ?? 0) * rowLength;
    const count = counts[y] ?? 0;
    for (let i = 0; i < rowLength; i++) {
      let sum = 1 << (fractionBits - 1);
      for (let tap = 0; tap < count; tap++) {
        sum += (data[first + tap * rowLength + i] ?? 0) * (weights[y * stride + tap] ?? 0);
      }
      result[y * rowLength + i] = clip8(sum);
    }
  }
  return { width, height: output, channels, data: result };
}

function nearest(raster: Raster, width: number, height: number): Raster {
  const { channels, data } = raster;
  const result = new Uint8Array(width * height * channels);
  let at = 0;
  for (let y = 0; y < height; y++) {
    const row = Math.floor(((y + 0.5) * raster.height) / height) * raster.width;
    for (let x = 0; x < width; x++) {
      const from = (row + Math.floor(((x + 0.5) * raster.width) / width)) * channels;
      for (let channel = 0; channel < channels; channel++) result[at++] = data[from + channel] ?? 0;
    }
  }
  return { width, height, channels, data: result };
}

/** The picture at another size, as `PIL.Image.resize((width, height), filter)` gives it. */
export function resize(raster: Raster, width: number, height: number, filter: ResamplingFilter): Raster {
  if (filter === 'nearest') return nearest(raster, width, height);
  const kernel = kernels[filter];
  const columns = raster.width === width ? raster : resizeColumns(raster, width, kernel);
  return columns.height === height ? columns : resizeRows(columns, height, kernel);
}
