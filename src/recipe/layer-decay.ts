import { blockCount, type GroupPlace } from './trainable';

/**
 * Factors of the learning rate by layer group, as BEiT and timm have them (Bao et al. 2021, arXiv 2106.08254; `param_groups_layer_decay` of timm): what
 * comes behind the blocks of a tower learns at the whole rate, its last block at `decay` times that, and each layer below, down to the
 * embeddings, at `decay` times the rate of the one above.
 *
 * @param decay 0…1; 1: the whole rate everywhere
 */
export function layerRateFactors(groups: readonly GroupPlace[], decay: number): ReadonlyMap<string, number> {
  return new Map(groups.map((group) => [group.id, decay ** layersAbove(group, groups)]));
}

/** How many layers of its tower lie above a group, counting what comes behind the blocks as one. */
function layersAbove({ tower, kind, index }: GroupPlace, groups: readonly GroupPlace[]): number {
  if (index !== null) return blockCount(tower, groups) - index;
  return kind === 'embeddings' ? blockCount(tower, groups) + 1 : 0;
}
