import type { Graph } from '../../engine/graph/ir';
import type { ParameterPart, ParameterSpec, ValueId } from '../../engine/graph/value';
import { OnnxBuilder } from './builder';
import { encodeModel, type ElementType, type OnnxTensor, type OnnxValue, type Place } from './model';
import { writeNode } from './operations';

/** A tensor that the graph reads: where its bytes lie, and how they are stored. */
export interface StoredPlace extends Place {
  readonly type: Extract<ElementType, 'float32' | 'float16'>;
}

/** What the file says besides the computation. */
export interface GraphOptions {
  readonly name: string;
  readonly graph: Graph;
  /** Samples of the batch that the graph was built for, at least 2. The file takes any number of them. */
  readonly batch: number;
  /** Of each tensor by its name, where it lies; or its values, where no file holds them. */
  readonly tensors: (part: ParameterPart) => StoredPlace | Float32Array;
  /** Adds what the graph reads by the names of its inputs, and says what is to be given instead. */
  readonly inputs: (onnx: OnnxBuilder) => {
    readonly given: readonly OnnxValue[];
    readonly read: Readonly<Record<string, string>>;
  };
  /** The outputs of the graph that are wanted, by name, and what their extents are called. */
  readonly outputs: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * The bytes of an ONNX file that computes what a graph of the engine computes in inference. Weights stay where they are, in the files beside it
 * (`external_data`), so that the file is small and says nothing twice.
 *
 * @throws Error for a graph that holds what only training does
 */
export function onnxFile({
  name,
  graph,
  batch,
  tensors,
  inputs,
  outputs,
  metadata,
}: GraphOptions): Uint8Array<ArrayBuffer> {
  const onnx = new OnnxBuilder();
  const { given, read } = inputs(onnx);
  const stored: OnnxTensor[] = [];
  const names = new Map<ValueId, string>();
  for (const { id, kind, name: asked } of graph.values) {
    if (kind !== 'input') continue;
    const found = read[asked];
    if (found === undefined) throw new Error(`Nothing is said of what gives the input "${asked}".`);
    names.set(id, found);
  }
  for (const parameter of graph.parameters) names.set(parameter.value, addParameter(onnx, stored, parameter, tensors));
  const of = (id: ValueId): string => {
    const found = names.get(id);
    if (found === undefined) throw new Error(`The value ${id} is read before it is there.`);
    return found;
  };
  const shape = (id: ValueId): readonly number[] => graph.values[id]?.shape ?? [];
  for (const node of graph.nodes) names.set(node.y, writeNode(node, { onnx, batch, of, shape }));
  const results = outputs.map((output): OnnxValue => {
    const value = graph.outputs[output] ?? -1;
    onnx.rename(of(value), output);
    return { name: output, type: 'float32', shape: ['batch', shape(value)[1] ?? 1] };
  });
  const constants = [...stored, ...onnx.constants];
  return encodeModel({ name, nodes: onnx.nodes, constants, inputs: given, outputs: results, metadata });
}

/** A parameter is made of tensors one behind the other; each is brought to float32 and to the shape in which the graph has it. */
function addParameter(
  onnx: OnnxBuilder,
  stored: OnnxTensor[],
  { shape, parts }: ParameterSpec,
  tensors: GraphOptions['tensors'],
): string {
  const rows = parts.map((part) => {
    const place = tensors(part);
    const inRows = [-1, ...shape.slice(1)];
    if (place instanceof Float32Array) return onnx.float(place, part.shape);
    const { type, ...data } = place;
    if (!stored.some(({ name }) => name === part.name)) stored.push({ name: part.name, type, shape: part.shape, data });
    const exact = type === 'float32' ? part.name : onnx.cast(part.name, 'float32');
    return part.shape.slice(1).join() === shape.slice(1).join() ? exact : onnx.reshape(exact, inRows);
  });
  const [only] = rows;
  return rows.length === 1 && only !== undefined ? only : onnx.add('Concat', rows, { axis: { int: 0 } });
}
