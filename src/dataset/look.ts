import type { DecodedImage } from './codec';

/**
 * What a picture looks like at a glance, to find pictures that are the same but for how they were saved: at another size, compressed more, a little brighter
 * or darker. What was cut, turned or redrawn looks different.
 */
export interface Look {
  /** Width by height. */
  readonly aspect: number;
  /** Mean of all values, 0…255. */
  readonly mean: number;
  /** Mean colours of a grid of cells less `mean`, RGB, in an order in which two pictures soon differ. */
  readonly cells: Int16Array;
}

const grid = 16;
const values = 3 * grid * grid;
/** Coprime to the number of values: goes through all of them, from one end of the picture to the other and back. */
const stride = 331;

/** Differences that saving a picture anew may make: of the mean of all, of a single value, of all values in the mean, and of the aspect. */
const most = { mean: 14, value: 28, values: 4, aspect: 0.03 };

/** @param picture RGBA; transparent parts count as white */
export function lookOf({ width, height, data }: Pick<DecodedImage, 'width' | 'height' | 'data'>): Look {
  const means = new Float64Array(values);
  const columns = Array.from({ length: grid }, (_, cell) => covered(cell, width));
  for (let row = 0; row < grid; row++) {
    for (const [y, tall] of covered(row, height)) {
      for (const [column, across] of columns.entries()) {
        const place = 3 * (row * grid + column);
        for (const [x, wide] of across) {
          const at = 4 * (y * width + x);
          const opaque = (data[at + 3] ?? 255) / 255;
          for (let channel = 0; channel < 3; channel++) {
            const value = opaque * (data[at + channel] ?? 0) + 255 * (1 - opaque);
            means[place + channel]! += tall * wide * value;
          }
        }
      }
    }
  }
  const mean = means.reduce((sum, value) => sum + value, 0) / values;
  const cells = Int16Array.from({ length: values }, (_, i) => Math.round((means[(i * stride) % values] ?? 0) - mean));
  return { aspect: width / height, mean, cells };
}

/** Whether two pictures are the same but for how they were saved. */
export function looksLike(a: Look, b: Look): boolean {
  if (Math.abs(a.mean - b.mean) > most.mean || Math.abs(a.aspect / b.aspect - 1) > most.aspect) return false;
  let sum = 0;
  for (let i = 0; i < values; i++) {
    const difference = Math.abs((a.cells[i] as number) - (b.cells[i] as number));
    if (difference > most.value) return false;
    sum += difference;
  }
  return sum <= most.values * values;
}

/** The pixels along one side that a cell covers, with which share of the cell each is. */
function covered(cell: number, length: number): readonly (readonly [pixel: number, share: number])[] {
  const size = length / grid;
  const [from, to] = [cell * size, (cell + 1) * size];
  const first = Math.floor(from);
  const last = Math.min(length, Math.ceil(to - 1e-9));
  return Array.from({ length: last - first }, (_, i) => {
    const pixel = first + i;
    return [pixel, (Math.min(to, pixel + 1) - Math.max(from, pixel)) / size] as const;
  });
}
