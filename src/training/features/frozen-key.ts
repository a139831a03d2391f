import { version } from '../../../package.json';
import { stageTensors } from '../../model/clip/tensors';
import { stageIndex, towerStages, type Stage } from '../../model/clip/stages';
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
  { model, device, tower, tokens, source }: TowerRunOptions & { readonly source: LastingSource },
  to: Exclude<Stage, 'embeddings'>,
): Promise<string> {
  const { config, normalization } = model;
  const stages = towerStages(config, tower).slice(0, stageIndex(config, tower, to));
  const tensors = stages.flatMap((stage) => (stage === 'features' ? [] : stageTensors(config, tower, stage)));
  const weights: (readonly [name: string, digest: string])[] = [];
  for (const { name } of tensors) {
    const values = model.tensors.get(name);
    if (values !== undefined) weights.push([name, await sha256(bytesOf(values))]);
  }
  const { kind, description } = device.executor;
  const length = tower === 'text' ? tokens : null;
  const computed = [tower, to, length, config, normalization, weights];
  return sha256(JSON.stringify([format, version, kind, description, source.processing, ...computed]));
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
