import { blockCount, parseBlock, type GroupLike } from './trainable';

/**
 * Factors of the learning rate by layer group, as BEiT and timm have them (Bao et al. 2021, arXiv 2106.08254; `param_groups_layer_decay` of timm): what
 * comes behind the blocks of a tower learns at the whole rate, its last block at `decay` times that, and each layer below, down to the
 * embeddings, at `decay` times the rate of the one above.
 *
 * @param decay 0…1; 1: the whole rate everywhere
 */
export function layerRateFactors(groups: readonly GroupLike[], decay: number): ReadonlyMap<string, number> {
  return new Map(groups.map(({ id }) => [id, decay ** layersAbove(id, groups)]));
}

/** How many layers of its tower lie above a group, counting what comes behind the blocks as one. */
function layersAbove(id: string, groups: readonly GroupLike[]): number {
  const block = parseBlock(id);
  if (block !== null) return blockCount(block.tower, groups) - block.index;
  for (const tower of ['vision', 'text'] as const) {
    if (id === `${tower}.embeddings`) return blockCount(tower, groups) + 1;
  }
  return 0;
}
