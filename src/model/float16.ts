const bits = new Uint32Array(1);
const value = new Float32Array(bits.buffer);

/** The value of an IEEE 754 half given by its 16 bits. */
export function fromFloat16(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** The 16 bits of the half nearest to a number; ties go to the even fraction, too large numbers to infinity. */
export function toFloat16(number: number): number {
  value[0] = number;
  const word = bits[0] ?? 0;
  const sign = (word >>> 16) & 0x8000;
  const magnitude = word & 0x7fff_ffff;
  if (magnitude > 0x7f80_0000) return sign | 0x7e00;
  // 65520 is halfway between the largest half and the next power of two.
  if (magnitude >= 0x477f_f000) return sign | 0x7c00;
  if (magnitude < 0x3880_0000) {
    // Below 2^-14 halves are subnormal: multiples of 2^-24. Adding 0.5 leaves that multiple, rounded to even, in the low bits.
    value[0] = Math.abs(number) + 0.5;
    return sign | ((bits[0] ?? 0) - 0x3f00_0000);
  }
  const odd = (magnitude >>> 13) & 1;
  return sign | ((magnitude - 0x3800_0000 + 0xfff + odd) >>> 13);
}

let table: Float32Array | null = null;

/** All 65,536 halves as float32, so that converting a checkpoint is a look-up an element. */
function halves(): Float32Array {
  table ??= Float32Array.from({ length: 0x1_0000 }, (_, half) => fromFloat16(half));
  return table;
}

export function decodeFloat16(source: Uint16Array): Float32Array<ArrayBuffer> {
  const lookup = halves();
  const out = new Float32Array(source.length);
  for (let i = 0; i < source.length; i++) out[i] = lookup[source[i] ?? 0] ?? 0;
  return out;
}

export function encodeFloat16(source: Float32Array): Uint16Array<ArrayBuffer> {
  const out = new Uint16Array(source.length);
  for (let i = 0; i < source.length; i++) out[i] = toFloat16(source[i] ?? 0);
  return out;
}
