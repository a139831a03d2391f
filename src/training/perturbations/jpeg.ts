import { jpegQuality, type Strength } from '../../tasks/robustness';

/**
 * What JPEG leaves of a picture: blocks of 8 × 8 as cosines, rounded by the usual tables of quantisation (Annex K of T.81, scaled as libjpeg does), with
 * colours at half the size. The coding itself loses nothing and is left out.
 */

// prettier-ignore
const luminance = [
  16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51, 87, 80, 62,
  18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
];
// prettier-ignore
const chrominance = [
  17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99, 99, 99, 47, 66, 99, 99, 99, 99, 99, 99,
  99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
];

/** One of brightness and colours, `[side, side]`. */
interface Plane {
  readonly values: Float64Array;
  readonly side: number;
}

/** @param pixels u8 `[side, side, 3]` */
export function jpegged(pixels: Uint8Array, side: number, strength: Strength): Uint8Array {
  const quality = jpegQuality[strength];
  const scale = quality < 50 ? 5000 / quality : 200 - 2 * quality;
  const table = (usual: readonly number[]): readonly number[] =>
    usual.map((value) => Math.min(255, Math.max(1, Math.floor((value * scale + 50) / 100))));
  const plane = (of: (r: number, g: number, b: number) => number): Plane => ({
    side,
    values: Float64Array.from({ length: side * side }, (_, at) =>
      of(pixels[3 * at]!, pixels[3 * at + 1]!, pixels[3 * at + 2]!),
    ),
  });
  const y = quantised(
    plane((r, g, b) => 0.299 * r + 0.587 * g + 0.114 * b - 128),
    table(luminance),
  );
  const colour = (of: (r: number, g: number, b: number) => number): Float64Array =>
    doubled(quantised(halved(plane(of)), table(chrominance)), side);
  const cb = colour((r, g, b) => -0.168736 * r - 0.331264 * g + 0.5 * b);
  const cr = colour((r, g, b) => 0.5 * r - 0.418688 * g - 0.081312 * b);
  const result = new Uint8Array(pixels.length);
  for (let at = 0; at < side * side; at++) {
    const [light, blue, red] = [y.values[at]! + 128, cb[at]!, cr[at]!];
    const channels = [light + 1.402 * red, light - 0.344136 * blue - 0.714136 * red, light + 1.772 * blue];
    channels.forEach((value, channel) => (result[3 * at + channel] = Math.min(255, Math.max(0, Math.round(value)))));
  }
  return result;
}

const cosines = Float64Array.from({ length: 64 }, (_, at) => {
  const [frequency, place] = [at >> 3, at & 7];
  return Math.cos(((2 * place + 1) * frequency * Math.PI) / 16) * (frequency === 0 ? Math.SQRT1_2 : 1) * 0.5;
});

/** Each block as cosines, rounded to steps of the table, and back. Past the edge blocks repeat what is at it. */
function quantised({ values, side }: Plane, table: readonly number[]): Plane {
  const result = new Float64Array(values.length);
  const block = new Float64Array(64);
  for (let top = 0; top < side; top += 8) {
    for (let left = 0; left < side; left += 8) {
      for (let at = 0; at < 64; at++) {
        const [row, column] = [Math.min(side - 1, top + (at >> 3)), Math.min(side - 1, left + (at & 7))];
        block[at] = values[row * side + column]!;
      }
      const found = transformed(block, true).map((value, at) => Math.round(value / table[at]!) * table[at]!);
      transformed(found, false).forEach((value, at) => {
        const [row, column] = [top + (at >> 3), left + (at & 7)];
        if (row < side && column < side) result[row * side + column] = value;
      });
    }
  }
  return { values: result, side };
}

/** The cosine transform of a block in both directions, or back. */
function transformed(block: Float64Array, forward: boolean): Float64Array {
  const pass = (from: Float64Array): Float64Array => {
    const to = new Float64Array(64);
    // Along rows, written as columns, so that two passes do both directions.
    for (let row = 0; row < 8; row++) {
      for (let out = 0; out < 8; out++) {
        let sum = 0;
        for (let at = 0; at < 8; at++) sum += from[8 * row + at]! * cosines[forward ? 8 * out + at : 8 * at + out]!;
        to[8 * out + row] = sum;
      }
    }
    return to;
  };
  return pass(pass(block));
}

/** At half the size, each point the mean of four. */
function halved({ values, side }: Plane): Plane {
  const half = Math.ceil(side / 2);
  const at = (row: number, column: number): number =>
    values[Math.min(side - 1, row) * side + Math.min(side - 1, column)]!;
  return {
    side: half,
    values: Float64Array.from({ length: half * half }, (_, place) => {
      const [row, column] = [2 * Math.floor(place / half), 2 * (place % half)];
      return (at(row, column) + at(row, column + 1) + at(row + 1, column) + at(row + 1, column + 1)) / 4;
    }),
  };
}

function doubled({ values, side: half }: Plane, side: number): Float64Array {
  return Float64Array.from(
    { length: side * side },
    (_, at) => values[(Math.floor(at / side) >> 1) * half + ((at % side) >> 1)]!,
  );
}
