import { version } from '../../../package.json';
import type { Stage } from '../../model/families/family';
import type { LastingSource } from './samples';
import { sha256 } from '../sha256';
import type { TowerRunOptions } from './tower';

/** To be raised whenever frozen layers give other numbers for the same model and samples. */
const format = 1;

/**
 * Names what enters stage `to` of a tower, as 64 hexadecimal digits: equal only where the same sample gives the same numbers. It covers the
 * weights and the shape of all that is computed, what was done to the samples before, and what computes it, since backends round differently.
 */
export async function frozenKey(
  { model, device, tower, reading, tokens, source }: TowerRunOptions & { readonly source: LastingSource },
  to: Stage,
): Promise<string> {
  const { architecture, normalization } = model;
  const all = architecture.stages(tower, reading);
  const stages = new Set<Stage | null>(all.slice(0, all.indexOf(to)));
  const below = architecture.groups.filter((group) => group.tower === tower && stages.has(group.stage));
  const tensors = below.flatMap((group) => group.tensors);
  const weights: (readonly [name: string, digest: string])[] = [];
  for (const { name } of tensors) {
    const values = model.tensors.get(name);
    if (values !== undefined) weights.push([name, await sha256(bytesOf(values))]);
  }
  const { kind, description } = device.executor;
  const length = tower === 'text' ? tokens : null;
  const computed = [tower, to, length, architecture.identity, normalization, weights];
  const read = reading === undefined || reading === 'embedding' ? [] : [reading];
  return sha256(JSON.stringify([format, version, kind, description, source.processing, ...computed, ...read]));
}

/** Names what samples were made of, each as 64 hexadecimal digits, in a sparse array by sample. */
export async function contentKeys(source: LastingSource, samples: readonly number[]): Promise<readonly string[]> {
  const keys: string[] = [];
  const named = await Promise.all(samples.map((sample) => sha256(source.content(sample))));
  samples.forEach((sample, index) => {
    keys[sample] = named[index] ?? '';
  });
  return keys;
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
