import { evaluationsOf, stepScalars, wallTime, type RunContent } from './content';

/**
 * A run as TensorBoard reads it: a file of records (`tensorflow/core/lib/io/record_writer.h`), each an `Event` (`tensorflow/core/util/event.proto`)
 * with scalars (`tensorflow/core/framework/summary.proto`).
 */

/** Name under which TensorBoard looks for it: seconds since 1970 and a name of the machine, which is not told. */
export function eventFileName({ run }: Pick<RunContent, 'run'>): string {
  return `events.out.tfevents.${Math.floor(run.createdAt / 1000)}.vernier`;
}

/** Numbers of steps under `train/`, of evaluations under `validation/`. */
export function eventFile(content: RunContent): Uint8Array<ArrayBuffer> {
  const { run, rows } = content;
  const begin = concat([double(1, wallTime(run, 0)), text(3, 'brain.Event:2')]);
  const steps = rows.map((row) => event(wallTime(run, row.seconds), row.step, 'train', stepScalars(row)));
  const evaluations = evaluationsOf(content).map(({ step, seconds, metrics }) =>
    event(wallTime(run, seconds), step, 'validation', metrics),
  );
  return concat([begin, ...steps, ...evaluations].map(record));
}

function event(
  time: number,
  step: number,
  group: string,
  scalars: Readonly<Record<string, number>>,
): Uint8Array<ArrayBuffer> {
  const values = Object.entries(scalars)
    .filter(([, value]) => Number.isFinite(value))
    .map(([name, value]) => bytes(1, concat([text(1, `${group}/${name}`), float(2, value)])));
  return concat([double(1, time), integer(2, step), bytes(5, concat(values))]);
}

/** Length, its checksum, data, its checksum. */
function record(data: Uint8Array): Uint8Array<ArrayBuffer> {
  const length = new Uint8Array(8);
  new DataView(length.buffer).setUint32(0, data.length, true);
  return concat([length, checksum(length), data, checksum(data)]);
}

function checksum(data: Uint8Array): Uint8Array {
  const crc = crc32c(data);
  const masked = (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
  const out = new Uint8Array(4);
  new DataView(out.buffer).setUint32(0, masked, true);
  return out;
}

const table = Uint32Array.from({ length: 256 }, (_, value) => {
  let remainder = value;
  for (let bit = 0; bit < 8; bit += 1) remainder = remainder & 1 ? 0x82f63b78 ^ (remainder >>> 1) : remainder >>> 1;
  return remainder;
});

/** CRC-32C (RFC 3720, reflected polynomial 0x82F63B78), unsigned. */
function crc32c(data: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of data) crc = (crc >>> 8) ^ (table[(crc ^ byte) & 255] ?? 0);
  return (crc ^ 0xffffffff) >>> 0;
}

/** Fields of protocol buffers: a tag of number and wire type, then the value. */
function double(field: number, value: number): Uint8Array {
  const out = new Uint8Array(9);
  out[0] = (field << 3) | 1;
  new DataView(out.buffer).setFloat64(1, value, true);
  return out;
}

function float(field: number, value: number): Uint8Array {
  const out = new Uint8Array(5);
  out[0] = (field << 3) | 5;
  new DataView(out.buffer).setFloat32(1, value, true);
  return out;
}

function integer(field: number, value: number): Uint8Array {
  return Uint8Array.of(field << 3, ...varint(value));
}

function text(field: number, value: string): Uint8Array {
  return bytes(field, new TextEncoder().encode(value));
}

function bytes(field: number, value: Uint8Array): Uint8Array {
  return concat([Uint8Array.of((field << 3) | 2, ...varint(value.length)), value]);
}

/** @param value a whole number from 0 to 2⁵³ */
function varint(value: number): readonly number[] {
  const out: number[] = [];
  let rest = value;
  while (rest >= 128) {
    out.push((rest % 128) | 128);
    rest = Math.floor(rest / 128);
  }
  return [...out, rest];
}

function concat(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
