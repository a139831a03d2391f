import { PbfWriter } from 'pbf';

/**
 * Models of ONNX as plain data, and their bytes: the messages of `onnx.proto3` that a computation over tensors needs. Numbers in front of fields are
 * those of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3.
 */

/** What every runtime in use takes. */
const irVersion = 8;
const opset = 17;

const elementTypes = { float32: 1, int64: 7, bool: 9, float16: 10 } as const;
export type ElementType = keyof typeof elementTypes;

/** `TensorProto.DataType` of a type, as the operation `Cast` asks for it. */
export function elementType(type: ElementType): number {
  return elementTypes[type];
}

export type Attribute =
  | { readonly float: number }
  | { readonly int: number }
  | { readonly ints: readonly number[] }
  | { readonly text: string };

/** An operation; a missing input is an empty name. */
export interface OnnxNode {
  readonly type: string;
  readonly inputs: readonly string[];
  readonly output: string;
  readonly attributes: Readonly<Record<string, Attribute>>;
}

/** Where the bytes of a tensor lie in another file of the same folder. */
export interface Place {
  readonly file: string;
  readonly offset: number;
  readonly length: number;
}

/** A constant: little-endian bytes, or where they lie. */
export interface OnnxTensor {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly number[];
  readonly data: Uint8Array | Place;
}

/** An input or an output. A text in its shape names an extent that is known when it runs. */
export interface OnnxValue {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly (number | string)[];
}

export interface OnnxModel {
  readonly name: string;
  readonly nodes: readonly OnnxNode[];
  readonly constants: readonly OnnxTensor[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  readonly metadata: Readonly<Record<string, string>>;
}

/** The bytes of a model's file. */
export function encodeModel(model: OnnxModel): Uint8Array<ArrayBuffer> {
  const writer = new PbfWriter();
  writer.writeVarintField(1, irVersion);
  writer.writeStringField(2, 'vernier');
  writer.writeMessage(7, writeGraph, model);
  writer.writeMessage(8, writeOpset, opset);
  for (const entry of Object.entries(model.metadata)) writer.writeMessage(14, writeEntry, entry);
  return Uint8Array.from(writer.finish());
}

function writeOpset(version: number, writer: PbfWriter): void {
  writer.writeStringField(1, '');
  writer.writeVarintField(2, version);
}

function writeEntry([key, value]: readonly [string, string], writer: PbfWriter): void {
  writer.writeStringField(1, key);
  writer.writeStringField(2, value);
}

function writeGraph({ name, nodes, constants, inputs, outputs }: OnnxModel, writer: PbfWriter): void {
  for (const node of nodes) writer.writeMessage(1, writeNode, node);
  writer.writeStringField(2, name);
  for (const tensor of constants) writer.writeMessage(5, writeTensor, tensor);
  for (const input of inputs) writer.writeMessage(11, writeValue, input);
  for (const output of outputs) writer.writeMessage(12, writeValue, output);
}

function writeNode({ type, inputs, output, attributes }: OnnxNode, writer: PbfWriter): void {
  for (const input of inputs) writer.writeStringField(1, input);
  writer.writeStringField(2, output);
  writer.writeStringField(3, output);
  writer.writeStringField(4, type);
  for (const attribute of Object.entries(attributes)) writer.writeMessage(5, writeAttribute, attribute);
}

function writeAttribute([name, value]: readonly [string, Attribute], writer: PbfWriter): void {
  writer.writeStringField(1, name);
  if ('float' in value) {
    writer.writeFloatField(2, value.float);
    writer.writeVarintField(20, 1);
  } else if ('int' in value) {
    writer.writeVarintField(3, value.int);
    writer.writeVarintField(20, 2);
  } else if ('text' in value) {
    writer.writeBytesField(4, new TextEncoder().encode(value.text));
    writer.writeVarintField(20, 3);
  } else {
    for (const each of value.ints) writer.writeVarintField(8, each);
    writer.writeVarintField(20, 7);
  }
}

function writeTensor({ name, type, shape, data }: OnnxTensor, writer: PbfWriter): void {
  for (const extent of shape) writer.writeVarintField(1, extent);
  writer.writeVarintField(2, elementTypes[type]);
  writer.writeStringField(8, name);
  if (data instanceof Uint8Array) {
    writer.writeBytesField(9, data);
    return;
  }
  const { file, offset, length } = data;
  const place = { location: file, offset: String(offset), length: String(length) };
  for (const entry of Object.entries(place)) writer.writeMessage(13, writeEntry, entry);
  writer.writeVarintField(14, 1);
}

function writeValue({ name, type, shape }: OnnxValue, writer: PbfWriter): void {
  writer.writeStringField(1, name);
  writer.writeMessage(
    2,
    (_, typed) =>
      typed.writeMessage(
        1,
        (__, tensor) => {
          tensor.writeVarintField(1, elementTypes[type]);
          tensor.writeMessage(2, writeShape, shape);
        },
        null,
      ),
    null,
  );
}

function writeShape(shape: OnnxValue['shape'], writer: PbfWriter): void {
  for (const extent of shape) writer.writeMessage(1, writeExtent, extent);
}

function writeExtent(extent: number | string, writer: PbfWriter): void {
  if (typeof extent === 'number') writer.writeVarintField(1, extent);
  else writer.writeStringField(2, extent);
}
