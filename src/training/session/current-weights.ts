import { elementCount } from '../../engine/graph/value';
import { pieceBytes } from '../../storage/pieces';
import type { WeightDelta } from '../../runs/weight-set';
import type { Device } from '../features/tower';

/**
 * Tensors as they are on the device until the next step, read in groups that a piece of memory holds: each reading waits for the device, and all at once may be
 * hundreds of megabytes. A larger tensor is read by itself.
 */
export function currentWeights(names: readonly string[], { store, lock }: Device): WeightDelta {
  const parts = store.specs.flatMap((spec) => spec.parts);
  const bytes = new Map(parts.map(({ name, shape }) => [name, 4 * elementCount(shape)]));
  return {
    names,
    async *read(wanted = names) {
      for (const group of inGroups(wanted, (name) => bytes.get(name) ?? 0)) {
        yield* await lock.run(() => store.read(group));
      }
    },
  };
}

/** Names in their order, as many together as a piece of memory holds, and at least one. */
function inGroups(names: readonly string[], bytesOf: (name: string) => number): readonly (readonly string[])[] {
  const groups: string[][] = [];
  let filled = Infinity;
  for (const name of names) {
    const bytes = bytesOf(name);
    if (filled + bytes > pieceBytes) {
      groups.push([]);
      filled = 0;
    }
    groups.at(-1)?.push(name);
    filled += bytes;
  }
  return groups;
}
