import { PbfReader } from 'pbf';

/** A tensor of an ONNX file whose bytes lie in another file. */
export interface OutsideTensor {
  name: string;
  /** `TensorProto.DataType`: 1 for float32, 10 for float16. */
  type: number;
  shape: number[];
  readonly place: Map<string, string>;
}

/** What of an ONNX file tests look at. */
export interface ReadOnnx {
  readonly inputs: string[];
  readonly outputs: string[];
  /** Types of its operations. */
  readonly operations: string[];
  readonly outside: OutsideTensor[];
  readonly metadata: Map<string, string>;
}

export function readOnnx(bytes: Uint8Array): ReadOnnx {
  const found: ReadOnnx = { inputs: [], outputs: [], operations: [], outside: [], metadata: new Map() };
  return new PbfReader(bytes).readFields((tag, model, reader) => {
    if (tag === 7) reader.readMessage(readGraph, model);
    if (tag === 14) reader.readMessage(readEntry, { key: '', into: model.metadata });
  }, found);
}

function readGraph(tag: number, model: ReadOnnx, reader: PbfReader): void {
  if (tag === 1) model.operations.push(textAt(4, reader));
  if (tag === 11) model.inputs.push(textAt(1, reader));
  if (tag === 12) model.outputs.push(textAt(1, reader));
  if (tag !== 5) return;
  const tensor = reader.readMessage(readTensor, { name: '', type: 0, shape: [], place: new Map<string, string>() });
  if (tensor.place.size > 0) model.outside.push(tensor);
}

function readTensor(tag: number, tensor: OutsideTensor, reader: PbfReader): void {
  if (tag === 1) tensor.shape.push(reader.readVarint());
  if (tag === 2) tensor.type = reader.readVarint();
  if (tag === 8) tensor.name = reader.readString();
  if (tag === 13) reader.readMessage(readEntry, { key: '', into: tensor.place });
}

function readEntry(tag: number, entry: { key: string; readonly into: Map<string, string> }, reader: PbfReader): void {
  if (tag === 1) entry.key = reader.readString();
  if (tag === 2) entry.into.set(entry.key, reader.readString());
}

/** A field of a message. */
function textAt(field: number, reader: PbfReader): string {
  return reader.readMessage(
    (tag, found, inner) => {
      if (tag === field) found.text = inner.readString();
    },
    { text: '' },
  ).text;
}
