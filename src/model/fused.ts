import { elementCount, type ParameterPart } from '../engine/graph/value';
import { modelTensors } from './architecture';
import type { Architecture, FusedTensor } from './families/family';
import type { StoredTensor } from './safetensors';

/** Tensors that checkpoints keep in one piece (`Architecture.fused`), taken apart for computing and told how to be put together for exports. */

/** A tensor of the checkpoint, and the tensors of the model that it is made of: itself, where it is not fused. */
export interface CheckpointTensor extends ParameterPart {
  readonly parts: readonly string[];
}

/** Tensors of a model as its checkpoint has them. */
export function fuse(tensors: readonly ParameterPart[], fused: readonly FusedTensor[]): readonly CheckpointTensor[] {
  const places = new Map(
    fused.flatMap((whole) => whole.parts.map(({ name }, index) => [name, { whole, index }] as const)),
  );
  return tensors.flatMap(({ name, shape }) => {
    const place = places.get(name);
    if (place === undefined) return [{ name, shape, parts: [name] }];
    const { whole, index } = place;
    if (index > 0) return [];
    return [{ name: whole.name, shape: shapeOf(whole), parts: whole.parts.map((part) => part.name) }];
  });
}

/** Every tensor as the checkpoint has it. */
export function checkpointTensors(architecture: Architecture): readonly CheckpointTensor[] {
  return fuse(modelTensors(architecture), architecture.fused);
}

/** The model's tensors in one of the checkpoint, which is itself where it is not fused. The bytes are shared. */
export function splitTensor(tensor: StoredTensor, { fused }: Architecture): readonly StoredTensor[] {
  const whole = fused.find(({ name }) => name === tensor.name);
  if (whole === undefined) return [tensor];
  const element = tensor.bytes.length / elementCount(tensor.shape);
  let offset = 0;
  return whole.parts.map(({ name, shape }) => {
    const end = offset + element * elementCount(shape);
    const part = { ...tensor, name, shape, bytes: tensor.bytes.subarray(offset, end) };
    offset = end;
    return part;
  });
}

function shapeOf({ parts }: FusedTensor): readonly number[] {
  const [, ...rest] = parts[0]?.shape ?? [];
  return [parts.reduce((sum, { shape }) => sum + (shape[0] ?? 0), 0), ...rest];
}
