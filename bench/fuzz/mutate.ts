/** Files changed at random, the same for the same seed. */

/** Whole numbers below a limit (mulberry32). */
export type Random = (limit: number) => number;

export function randomOf(seed: number): Random {
  let state = seed | 0;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}

const encoder = new TextEncoder();

/** What parsers tend to stumble over. */
const oddities = [
  '',
  '\0',
  '\ud800',
  '\ufeff',
  '"',
  "''",
  ',',
  '\r\n\r\n',
  '[[[[[[[[',
  '{"a":',
  '-1',
  '1e400',
  'NaN',
  '9007199254740993',
  '__proto__',
  'constructor',
  '../../x',
  '&a;&a;&a;',
  '<!DOCTYPE x [<!ENTITY a "aaaa">]>',
  '(a+)+$',
  '\u202e',
].map((text) => encoder.encode(text));

/** One to eight changes at random places: flipped bits, other bytes, cuts, repeats, and what parsers stumble over. */
export function mutated(file: Uint8Array, random: Random): Uint8Array<ArrayBuffer> {
  let bytes = new Uint8Array(file);
  for (let times = 1 + random(8); times > 0; times--) {
    const at = random(bytes.length + 1);
    const length = random(1 + Math.min(64, bytes.length - at));
    switch (random(7)) {
      case 0:
        if (at < bytes.length) bytes[at] = (bytes[at] ?? 0) ^ (1 << random(8));
        break;
      case 1:
        for (let place = at; place < at + length; place++) bytes[place] = random(256);
        break;
      case 2:
        bytes = spliced(bytes, at, length, new Uint8Array());
        break;
      case 3:
        bytes = spliced(bytes, at, 0, bytes.slice(at, at + length));
        break;
      case 4:
        bytes = spliced(bytes, at, random(2) * length, oddities[random(oddities.length)] ?? new Uint8Array());
        break;
      case 5:
        bytes = bytes.slice(0, at);
        break;
      default: {
        // Lengths and counts are little-endian numbers of four bytes in most binary formats.
        const number = [0, 1, 0x7fffffff, 0xffffffff, random(2 ** 16), bytes.length][random(6)] ?? 0;
        if (at + 4 <= bytes.length) new DataView(bytes.buffer).setUint32(at, number >>> 0, random(2) === 0);
      }
    }
  }
  return bytes;
}

function spliced(bytes: Uint8Array, at: number, length: number, with_: Uint8Array): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(bytes.length - length + with_.length);
  out.set(bytes.subarray(0, at));
  out.set(with_, at);
  out.set(bytes.subarray(at + length), at + with_.length);
  return out;
}
