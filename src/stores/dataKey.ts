import type { Dataset, ImageRecord } from '../dataset/types';

const known = new WeakMap<readonly ImageRecord[], string>();

/**
 * Names a dataset with what can change in it: equal only where pictures, captions and splits are. It is part of every key under which something
 * is kept that was computed from them.
 *
 * @param images all pictures of the dataset; an array that was asked for before is not read again, so it must not be changed in place
 */
export function dataKey(dataset: Pick<Dataset, 'id'> | null, images: readonly ImageRecord[]): string {
  if (dataset === null) return 'no data';
  let version = known.get(images);
  if (version === undefined) {
    version = hashOf(images.map(({ hash, split, captions }) => JSON.stringify([hash, split, captions])));
    known.set(images, version);
  }
  return `${dataset.id} ${version}`;
}

/** Two FNV-like hashes of 32 bits with different multipliers. They are to tell states apart, not to withstand anyone. */
function hashOf(lines: readonly string[]): string {
  let a = 0x811c9dc5;
  let b = 0x9e3779b1;
  for (const line of lines) {
    for (let at = 0; at < line.length; at++) {
      const code = line.charCodeAt(at);
      a = Math.imul(a ^ code, 0x01000193);
      b = Math.imul(b ^ code, 0x85ebca6b);
    }
  }
  return [a, b].map((half) => (half >>> 0).toString(16).padStart(8, '0')).join('');
}
