import type { OwnValues } from '../../features/weight-store';
import { createRandom, mixSeed, textSeed } from '../../random';
import { onesPart } from './graph';
import type { HeadShape } from './shape';
import { headParts } from './tower-graph';
import { headBias } from './shape';

/**
 * The tensors of a head as they begin: matrices of normal random numbers that depend on nothing but the seed and their names, norms at one, the last
 * layer at zero.
 *
 * @param bias of the last layer, where it is known from the data
 */
export function startingHead(shape: HeadShape, seed: number, bias: Float32Array | null): readonly OwnValues[] {
  const parts = headParts(shape).map(({ name, shape: extents, start }): OwnValues => {
    const count = extents.reduce((product, extent) => product * extent, 1);
    if (name === headBias && bias !== null) return { name, shape: extents, values: bias };
    if (start.kind === 'all') return { name, shape: extents, values: new Float32Array(count).fill(start.value) };
    return { name, shape: extents, values: normals(count, start.spread, mixSeed(seed, textSeed(name))) };
  });
  const ones = onesPart(shape);
  return shape.ordered ? [...parts, { ...ones, values: new Float32Array(shape.outputs).fill(1) }] : parts;
}

/** Normal random numbers by the method of Box and Muller. */
function normals(count: number, spread: number, seed: number): Float32Array {
  const random = createRandom(seed);
  return Float32Array.from(
    { length: count },
    () => spread * Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()),
  );
}
