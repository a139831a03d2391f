import { blurDeviation, cropShare, noiseDeviation, type Strength } from '../../tasks/robustness';
import type { Random } from '../random';

/** Ways to spoil pictures as a model takes them: u8 `[side, side, 3]`. Equal random numbers give equal pictures. */

/** Gaussian blur. Beyond the edge lies what is at the edge. */
export function blurred(pixels: Uint8Array, side: number, strength: Strength): Uint8Array {
  const deviation = blurDeviation[strength] * side;
  const reach = Math.max(1, Math.ceil(3 * deviation));
  const weights = Float64Array.from({ length: 2 * reach + 1 }, (_, at) =>
    Math.exp(-((at - reach) ** 2) / (2 * deviation ** 2)),
  );
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const along = (from: ArrayLike<number>, step: number, other: number): Float64Array => {
    const to = new Float64Array(from.length);
    for (let line = 0; line < side; line++) {
      for (let at = 0; at < side; at++) {
        for (let channel = 0; channel < 3; channel++) {
          let value = 0;
          for (let offset = -reach; offset <= reach; offset++) {
            const place = Math.min(side - 1, Math.max(0, at + offset));
            value += weights[offset + reach]! * from[line * other + place * step + channel]!;
          }
          to[line * other + at * step + channel] = value / sum;
        }
      }
    }
    return to;
  };
  return bytes(along(along(pixels, 3, 3 * side), 3 * side, 3));
}

/** Gaussian noise, other for each channel. */
export function noisy(pixels: Uint8Array, _: number, strength: Strength, random: Random): Uint8Array {
  const deviation = 255 * noiseDeviation[strength];
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return bytes(Float64Array.from(pixels, (value) => value + deviation * normal()));
}

/** A square from anywhere, drawn at the full size. */
export function cropped(pixels: Uint8Array, side: number, strength: Strength, random: Random): Uint8Array {
  const size = cropShare[strength] * side;
  const [left, top] = [random() * (side - size), random() * (side - size)];
  const result = new Float64Array(pixels.length);
  const scale = size / side;
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const [fromX, fromY] = [left + (x + 0.5) * scale - 0.5, top + (y + 0.5) * scale - 0.5];
      for (let channel = 0; channel < 3; channel++) {
        result[3 * (y * side + x) + channel] = between(pixels, side, fromX, fromY, channel);
      }
    }
  }
  return bytes(result);
}

/** Between the four points around a place, linearly. */
function between(pixels: Uint8Array, side: number, x: number, y: number, channel: number): number {
  const within = (value: number): number => Math.min(side - 1, Math.max(0, value));
  const at = (column: number, row: number): number => pixels[3 * (within(row) * side + within(column)) + channel]!;
  const [left, top] = [Math.floor(x), Math.floor(y)];
  const [right, down] = [x - left, y - top];
  const above = at(left, top) * (1 - right) + at(left + 1, top) * right;
  const below = at(left, top + 1) * (1 - right) + at(left + 1, top + 1) * right;
  return above * (1 - down) + below * down;
}

function bytes(values: Float64Array): Uint8Array {
  return Uint8Array.from(values, (value) => Math.min(255, Math.max(0, Math.round(value))));
}
