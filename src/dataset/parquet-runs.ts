import { deltaBinaryUnpack } from 'hyparquet/src/delta.js';
import { readVarInt } from 'hyparquet/src/thrift.js';

/**
 * What a page says of itself, looked through before it is decoded. The decoder believes the lengths of runs and blocks, and would count to whatever
 * a damaged one says.
 */

/** A place in a page. */
export interface Reader {
  readonly view: DataView<ArrayBuffer>;
  offset: number;
}

/** Values that a run may hold beyond those that are wanted: writers fill the last one up. */
const padding = 512;

/**
 * Looks through numbers in runs (“RLE/bit-packing hybrid” of the Parquet format) up to the last that is wanted, and leaves the reader behind them.
 * @param width bits of a number
 * @throws Error where a run holds more than can be, or ends outside of the page
 */
export function checkRuns({ view, offset }: Reader, width: number, count: number): void {
  if (width > 32) throw new Error(`Numbers of ${width} bits`);
  const reader = { view, offset };
  for (let seen = 0; seen < count;) {
    const header = readVarInt(reader);
    const packed = (header & 1) === 1;
    const values = packed ? (header >> 1) * 8 : header >>> 1;
    if (header < 0 || values > count - seen + padding) throw new Error(`A run of ${values} where ${count} are wanted`);
    reader.offset += packed ? (header >> 1) * width : (width + 7) >> 3;
    seen += values;
    if (!packed && seen > count) throw new Error(`${seen} numbers where ${count} are wanted`);
    // The last byte of numbers that are not wanted may be left out.
    if (reader.offset > view.byteLength + padding) throw new Error('A run ends outside of its page');
  }
}

/**
 * Looks at the head of whole numbers that are written as differences, which says how they lie in blocks.
 * @throws Error where that cannot be: of blocks that hold nothing, there would be no end
 */
export function checkDifferences({ view, offset }: Reader): void {
  const reader = { view, offset };
  const block = readVarInt(reader);
  const parts = readVarInt(reader);
  if (block <= 0 || parts <= 0 || block % parts !== 0) throw new Error(`Blocks of ${block} numbers in ${parts} parts`);
}

/**
 * Looks through byte strings that are written by what they share with the one before.
 * @param most bytes that they may have altogether
 * @throws Error where one shares more than the one before has, or they are longer than may be
 */
export function checkShared({ view, offset }: Reader, count: number, most: number): void {
  const reader = { view, offset };
  const lengthsOf = (): Int32Array => {
    const lengths = new Int32Array(count);
    checkDifferences(reader);
    deltaBinaryUnpack(reader, count, lengths);
    return lengths;
  };
  const shared = lengthsOf();
  const own = lengthsOf();
  let [before, total] = [0, 0];
  for (let i = 0; i < count; i++) {
    const [same = 0, further = 0] = [shared[i], own[i]];
    if (same < 0 || further < 0 || same > before) throw new Error(`${same} bytes shared with ${before}`);
    before = same + further;
    total += before;
    if (total > most) throw new Error(`Values of over ${most} bytes`);
  }
}
