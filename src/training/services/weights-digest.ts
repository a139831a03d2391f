import type { LoadedModel } from '../../model/source';
import { sha256, sha256Pieces } from '../sha256';

const known = new WeakMap<object, Promise<string>>();

/**
 * Names the weights of a model, whatever it is called: the SHA-256 of a JSON list of all tensors that it computes with, in the order of their
 * names, each as `[name, dtype, shape, digests]` as stored, with the SHA-256 of each 32 MiB of its bytes. Computed once for each opened model.
 */
export function weightsDigest({ stored }: Pick<LoadedModel, 'stored'>): Promise<string> {
  const before = known.get(stored);
  if (before !== undefined) return before;
  const digest = digestOf(stored);
  known.set(stored, digest);
  return digest;
}

async function digestOf(stored: LoadedModel['stored']): Promise<string> {
  const parts: unknown[] = [];
  for (const [name, { dtype, shape, bytes }] of [...stored].sort(([a], [b]) => (a < b ? -1 : 1))) {
    parts.push([name, dtype, shape, await sha256Pieces(bytes)]);
  }
  return sha256(JSON.stringify(parts));
}

/** A digest as people are shown it. */
export function shortDigest(digest: string): string {
  return digest.slice(0, 12);
}
