import { holdsWeights, tensorValues, type StoredTensor } from '../../safetensors';

/**
 * Positions of the patches of a square picture for a picture of another size: bicubic as `torch.nn.functional.interpolate` computes it with
 * `align_corners=False` (convolution of Keys 1981 with a = -0.75, the border repeated), which is how Transformers changes them
 * (`interpolate_pos_encoding`). The class token, which comes first, keeps its own.
 *
 * @param positions `[1 + from², width]`
 * @returns `[1 + to², width]`
 */
export function resizedPositions(
  positions: Float32Array,
  width: number,
  from: number,
  to: number,
): Float32Array<ArrayBuffer> {
  const taps = Array.from({ length: to }, (_, place) => tapsOf(place, from, to));
  const result = new Float32Array((1 + to * to) * width);
  result.set(positions.subarray(0, width));
  for (const [row, down] of taps.entries()) {
    for (const [column, across] of taps.entries()) {
      const at = (1 + row * to + column) * width;
      for (let channel = 0; channel < width; channel++) {
        let sum = 0;
        for (const [y, vertical] of down) {
          for (const [x, horizontal] of across) {
            sum += vertical * horizontal * (positions[(1 + y * from + x) * width + channel] ?? NaN);
          }
        }
        result[at + channel] = sum;
      }
    }
  }
  return result;
}

const sharpness = -0.75;

/** The four places that one of the wanted ones is made of, with their weights. */
function tapsOf(place: number, from: number, to: number): readonly (readonly [place: number, weight: number])[] {
  const center = ((place + 0.5) * from) / to - 0.5;
  const before = Math.floor(center);
  return [-1, 0, 1, 2].map((step) => {
    const at = Math.min(from - 1, Math.max(0, before + step));
    return [at, weightAt(Math.abs(center - before - step))] as const;
  });
}

function weightAt(distance: number): number {
  const a = sharpness;
  if (distance <= 1) return ((a + 2) * distance - (a + 3)) * distance * distance + 1;
  if (distance < 2) return (((distance - 5) * distance + 8) * distance - 4) * a;
  return 0;
}

/**
 * The stored positions of a square picture of another size brought to the wanted one.
 *
 * @param wanted `[1, 1 + grid², width]`
 * @returns null where they are those of no square picture, or of another width
 */
export function fittedPositions(stored: StoredTensor, wanted: readonly number[]): StoredTensor | null {
  const [, rows = 0, width = 0] = stored.shape;
  const [from, to] = [Math.sqrt(rows - 1), Math.sqrt((wanted[1] ?? 0) - 1)];
  const fits = stored.shape.length === 3 && stored.shape[0] === 1 && width === wanted[2];
  if (!fits || !Number.isInteger(from) || from < 1 || !Number.isInteger(to) || !holdsWeights(stored)) return null;
  const values = resizedPositions(tensorValues(stored), width, from, to);
  return { ...stored, dtype: 'F32', shape: wanted, bytes: new Uint8Array(values.buffer) };
}
