import type { Reading, Tower, TowerOptions } from '../family';
import type { SiglipConfig } from './config';

/**
 * The stages of a tower:
 *
 * - `embeddings`: pixels or token ids come in
 * - `blocks.N`: the residual stream `[batch * tokens, hidden]` comes in
 * - `final_norm`: the residual stream comes in, in the text tower that of the last token alone, `[batch, hidden]`
 * - `head`: what the norm gave comes in; the head pools all patches, or projects the last token
 * - `features`: the tower is done; L2-normalised features come out, or what else was to be read
 *
 * All tokens are read behind the norm, as Transformers does.
 */
export type SiglipStage = 'embeddings' | `blocks.${number}` | 'final_norm' | 'head' | 'features';

/** All stages of a tower, first to last. */
export function towerStages(
  config: SiglipConfig,
  tower: Tower,
  reading: Reading = 'embedding',
): readonly SiglipStage[] {
  const blocks = Array.from({ length: config[tower].layers }, (_, layer): SiglipStage => `blocks.${layer}`);
  return ['embeddings', ...blocks, 'final_norm', ...(reading === 'embedding' ? (['head'] as const) : []), 'features'];
}

/** Patches of an image. */
export function patchCount({ vision }: SiglipConfig): number {
  return Math.floor(vision.imageSize / vision.patchSize) ** 2;
}

/** Tokens of a sample: the patches of an image, or the caption length. */
function tokenCount(config: SiglipConfig, tower: Tower, tokens = config.text.maxPositions): number {
  return tower === 'vision' ? patchCount(config) : tokens;
}

/** Shape of what enters a stage above `embeddings`. */
export function stageShape(
  config: SiglipConfig,
  tower: Tower,
  stage: string,
  { batch, tokens, reading = 'embedding' }: Pick<TowerOptions, 'batch' | 'tokens' | 'reading'>,
): readonly [number, number] {
  const { hiddenSize } = config[tower];
  if (reading === 'embedding') {
    if (stage === 'features') return [batch, config.vision.hiddenSize];
    if (tower === 'text' && (stage === 'final_norm' || stage === 'head')) return [batch, hiddenSize];
  }
  if (reading === 'patch-mean' && stage === 'features') return [batch, hiddenSize];
  return [batch * tokenCount(config, tower, tokens), hiddenSize];
}
