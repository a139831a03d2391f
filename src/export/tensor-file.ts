import { elementCount } from '../engine/graph/value';
import { encodeTensor, tensorValues, type StoredTensor } from '../model/safetensors';
import { layOutSafetensors, streamSafetensors, type TensorShape } from '../model/safetensors-stream';
import type { Archive } from './archive';
import { ExportError, mismatch } from './errors';
import type { ExportFile } from './export-file';
import type { ExportedModel, ExportedTensor } from './model';
import type { ExportPrecision } from './options';

/**
 * A safetensors file of a model, written and read one tensor at a time. Formats differ in how they name and shape tensors, which they say in plain
 * data: it serves both ways.
 */

/** A tensor of a file. */
export interface TensorRule {
  readonly name: string;
  readonly shape: readonly number[];
  /** The model's tensors that it is made of, one behind the other along the first axis. */
  readonly from: readonly string[];
  /** True for a matrix whose rows and columns are swapped; it is made of one tensor. */
  readonly transposed: boolean;
}

/** The rule for a tensor that a file holds under another name at most. */
export function plainRule(name: string, { name: from, shape }: Pick<ExportedTensor, 'name' | 'shape'>): TensorRule {
  return { name, shape, from: [from], transposed: false };
}

/** Elements that are converted at a time. */
const step = 2 ** 20;
/** Largest value of an IEEE 754 half. */
const largestHalf = 65_504;

const dtypes = { float32: 'F32', float16: 'F16' } as const;
/** Bytes of an element. */
const bytesOf = { float32: 4, float16: 2 } as const;

/**
 * A file of weights. Tensors that were not trained are the base's very bytes where the precision is the same; all others are converted on their way.
 * Reading it throws an ExportError `not-finite` or `out-of-range` where a value cannot be written.
 */
export function tensorFile(
  name: string,
  rules: readonly TensorRule[],
  model: ExportedModel,
  precision: ExportPrecision,
): ExportFile {
  const layout = layOutSafetensors(rules.map((rule) => ({ ...rule, dtype: dtypes[precision] })));
  const tensors = new Map(model.tensors.map((tensor) => [tensor.name, tensor]));
  const trained = new Set(model.delta?.names);
  async function* pieces(): AsyncGenerator<Uint8Array> {
    yield layout.head;
    for (const { from, shape, transposed } of layout.tensors) {
      for (const part of from) {
        const tensor = tensors.get(part);
        if (tensor === undefined) throw new Error(`The model has no tensor "${part}".`);
        const encoded = encodedPieces(tensor, trained.has(part) ? await readTrained(model, part) : null, precision);
        if (transposed) yield transpose(joined([...encoded]), [...shape].reverse());
        else yield* encoded;
      }
    }
  }
  return { name, pieces: pieces(), compress: false };
}

/** Where the model's tensors lie in a file as `tensorFile` writes it, by their own names; without those that are transposed. */
export function tensorPlaces(
  rules: readonly TensorRule[],
  { tensors }: Pick<ExportedModel, 'tensors'>,
  precision: ExportPrecision,
): ReadonlyMap<string, { readonly offset: number; readonly length: number }> {
  const layout = layOutSafetensors(rules.map((rule) => ({ ...rule, dtype: dtypes[precision] })));
  const shapes = new Map(tensors.map(({ name, shape }) => [name, shape]));
  const places = new Map<string, { readonly offset: number; readonly length: number }>();
  let offset = layout.head.length;
  for (const { from, transposed } of layout.tensors) {
    for (const part of from) {
      const length = bytesOf[precision] * elementCount(shapes.get(part) ?? []);
      if (!transposed) places.set(part, { offset, length });
      offset += length;
    }
  }
  return places;
}

async function readTrained({ delta }: ExportedModel, wanted: string): Promise<Float32Array> {
  for await (const [name, values] of delta?.read([wanted]) ?? []) if (name === wanted) return values;
  throw new Error(`The tensor "${wanted}" was trained, but its values cannot be read.`);
}

/** @param trained values that stand in the place of the base's; null where there are none */
function* encodedPieces(
  { name, stored }: ExportedTensor,
  trained: Float32Array | null,
  precision: ExportPrecision,
): Generator<Uint8Array> {
  const dtype = dtypes[precision];
  if (trained === null && stored?.dtype === dtype) {
    yield stored.bytes;
    return;
  }
  for (const values of trained === null ? decodedPieces(name, stored) : inSteps(trained)) {
    checkRange(name, values, precision);
    yield encodeTensor(name, [values.length], values, dtype).bytes;
  }
}

function* inSteps(values: Float32Array): Generator<Float32Array> {
  for (let from = 0; from < values.length; from += step) yield values.subarray(from, from + step);
}

function* decodedPieces(name: string, stored: StoredTensor | null): Generator<Float32Array> {
  if (stored === null) throw new Error(`The tensor "${name}" is neither trained nor of the base.`);
  const width = stored.bytes.length / elementCount(stored.shape);
  for (let from = 0; from < stored.bytes.length; from += width * step)
    yield tensorValues({ ...stored, bytes: stored.bytes.subarray(from, from + width * step) });
}

function checkRange(name: string, values: Float32Array, precision: ExportPrecision): void {
  for (const value of values) {
    if (!Number.isFinite(value)) {
      throw new ExportError(
        'not-finite',
        `The tensor "${name}" holds values that are no numbers: the training diverged. Train again with a lower learning rate.`,
      );
    }
    if (precision === 'float16' && Math.abs(value) > largestHalf) {
      throw new ExportError(
        'out-of-range',
        `The tensor "${name}" holds values too large for float16. Export as float32 instead.`,
      );
    }
  }
}

/**
 * Reads the weights of an export back.
 *
 * @returns the model's tensors under their own names and in their own shapes, in the order of the file
 * @throws ExportError `mismatch` where the file does not hold what the rules say; ModelError where it is damaged
 */
export async function* readTensorFile(
  archive: Archive,
  file: string,
  rules: readonly TensorRule[],
  model: ExportedModel,
  precision: ExportPrecision,
): AsyncGenerator<StoredTensor> {
  const entry = archive.entry(file);
  if (entry === null) throw mismatch(`it lacks ${file}.`);
  const byName = new Map(rules.map((rule) => [rule.name, rule]));
  const shapes = new Map(model.tensors.map(({ name, shape }) => [name, shape]));
  const check = (found: readonly TensorShape[]): void => checkHeader(file, found, rules, precision);
  for await (const { name, dtype, bytes } of streamSafetensors(entry.pieces(), entry.size, file, check)) {
    const { from = [], transposed = false, shape = [] } = byName.get(name) ?? {};
    let at = 0;
    for (const part of from) {
      const own = shapes.get(part) ?? [];
      const end = at + (bytes.length * elementCount(own)) / elementCount(shape);
      const cut = bytes.subarray(at, end);
      yield { name: part, dtype, shape: own, bytes: transposed ? transpose(cut, shape) : cut };
      at = end;
    }
  }
}

function checkHeader(
  file: string,
  found: readonly TensorShape[],
  rules: readonly TensorRule[],
  precision: ExportPrecision,
): void {
  const byName = new Map(found.map((tensor) => [tensor.name, tensor]));
  for (const { name, shape } of rules) {
    const tensor = byName.get(name);
    if (tensor === undefined) throw mismatch(`${file} lacks the tensor "${name}".`);
    if (tensor.dtype !== dtypes[precision] || tensor.shape.join() !== shape.join())
      throw mismatch(`"${name}" in ${file} is ${tensor.dtype} [${tensor.shape.join(', ')}].`);
  }
  if (found.length !== rules.length)
    throw mismatch(`${file} holds ${found.length} tensors instead of ${rules.length}.`);
}

/** The bytes of a matrix with rows and columns swapped. @param shape before */
function transpose(bytes: Uint8Array, shape: readonly number[]): Uint8Array {
  const [rows = 1, columns = 1] = shape;
  const width = bytes.length / (rows * columns);
  const swapped = new Uint8Array(bytes.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const from = width * (row * columns + column);
      const to = width * (column * rows + row);
      for (let byte = 0; byte < width; byte++) swapped[to + byte] = bytes[from + byte] ?? 0;
    }
  }
  return swapped;
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const [first] = pieces;
  if (pieces.length === 1 && first !== undefined) return first;
  const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
