import { elementCount, type ParameterPart } from '../engine/graph/ir';
import { modelTensors } from './architecture';
import type { Architecture, FusedTensor } from './families/family';
import type { StoredTensor } from './safetensors';

/** Tensors that checkpoints keep in one piece (`Architecture.fused`), taken apart for computing and put together for exports. */

/** Every tensor as the checkpoint has it. */
export function checkpointTensors(architecture: Architecture): readonly ParameterPart[] {
  const places = placesOf(architecture.fused);
  return modelTensors(architecture).flatMap((tensor) => {
    const place = places.get(tensor.name);
    if (place === undefined) return [tensor];
    return place.index === 0 ? [{ name: place.fused.name, shape: fusedShape(place.fused) }] : [];
  });
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

/**
 * Puts parts together as the checkpoint has them; all others are passed on as they are.
 *
 * @param tensors all of one type, those of a fused tensor among them or none
 */
export function joinTensors(tensors: readonly StoredTensor[], { fused }: Architecture): readonly StoredTensor[] {
  const places = placesOf(fused);
  const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  return tensors.flatMap((tensor) => {
    const place = places.get(tensor.name);
    if (place === undefined) return [tensor];
    if (place.index > 0) return [];
    const parts = place.fused.parts.map(({ name }) => byName.get(name)?.bytes ?? new Uint8Array());
    const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
    let offset = 0;
    for (const part of parts) {
      bytes.set(part, offset);
      offset += part.length;
    }
    return [{ ...tensor, name: place.fused.name, shape: fusedShape(place.fused), bytes }];
  });
}

interface Place {
  readonly fused: FusedTensor;
  /** Among its parts. */
  readonly index: number;
}

function placesOf(all: readonly FusedTensor[]): ReadonlyMap<string, Place> {
  return new Map(all.flatMap((fused) => fused.parts.map(({ name }, index) => [name, { fused, index }] as const)));
}

function fusedShape({ parts }: FusedTensor): readonly number[] {
  const [, ...rest] = parts[0]?.shape ?? [];
  return [parts.reduce((sum, { shape }) => sum + (shape[0] ?? 0), 0), ...rest];
}
