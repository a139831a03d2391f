import type { GroupPlace } from '../trainable';

/** The groups of a tower as CLIP has them. */
export function towerPlaces(tower: string, blocks: number): readonly GroupPlace[] {
  return [
    place(`${tower}.embeddings`, tower, 'embeddings'),
    ...Array.from({ length: blocks }, (_, index) => place(`${tower}.blocks.${index}`, tower, 'block', index)),
    place(`${tower}.final_norm`, tower, 'norm'),
    place(`${tower}.projection`, tower, 'projection'),
  ];
}

export function place(
  id: string,
  tower: string | null,
  kind: GroupPlace['kind'],
  index: number | null = null,
): GroupPlace {
  return { id, tower, kind, index };
}
