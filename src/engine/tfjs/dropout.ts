/**
 * Dropout factors: 0 with the given probability, else `1 / (1 - probability)`. The mask depends on nothing but its arguments, so a resumed
 * run draws the same ones.
 *
 * @param salt tells the places of a graph apart
 */
export function keepMask(length: number, probability: number, seed: number, salt: number): Float32Array<ArrayBuffer> {
  const mask = new Float32Array(length);
  const { threshold, start, kept } = maskRule(probability, seed, salt);
  for (let index = 0; index < length; index++) mask[index] = mix(start ^ index) < threshold ? 0 : kept;
  return mask;
}

/** By what a mask is drawn: an element is dropped where the hash of `start` and its place lies below the threshold, and `kept` times as large elsewhere. */
export function maskRule(
  probability: number,
  seed: number,
  salt: number,
): { readonly threshold: number; readonly start: number; readonly kept: number } {
  return {
    threshold: Math.ceil(probability * 2 ** 32),
    start: mix(mix(seed >>> 0) ^ salt),
    kept: 1 / (1 - probability),
  };
}

/** The "lowbias32" integer hash of Chris Wellons (public domain): every input bit flips every output bit about half of the time. */
function mix(value: number): number {
  let x = value;
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return (x ^ (x >>> 16)) >>> 0;
}
