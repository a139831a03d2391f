import type { Reading, Tower, TowerOptions } from '../family';
import type { ClipConfig } from './config';

/**
 * The stages of a tower:
 *
 * - `embeddings`: pixels or token ids come in
 * - `blocks.N`: the residual stream `[batch * tokens, hidden]` comes in
 * - `final_norm`: the residual stream of the pooled token `[batch, hidden]` comes in (nothing above reads another token)
 * - `projection`: the normed pooled token `[batch, hidden]` comes in
 * - `features`: the tower is done; L2-normalised features `[batch, projection]` come out, or what else was to be read
 *
 * All tokens are read as the last block leaves them, as Transformers does.
 */
export type ClipStage = 'embeddings' | `blocks.${number}` | 'final_norm' | 'projection' | 'features';

/** All stages of a tower, first to last. */
export function towerStages(config: ClipConfig, tower: Tower, reading: Reading = 'embedding'): readonly ClipStage[] {
  const blocks = Array.from({ length: config[tower].layers }, (_, layer): ClipStage => `blocks.${layer}`);
  return reading === 'embedding'
    ? ['embeddings', ...blocks, 'final_norm', 'projection', 'features']
    : ['embeddings', ...blocks, 'features'];
}

/** Tokens of an image: the patches and the class token. */
export function imageTokenCount(config: ClipConfig): number {
  return Math.floor(config.vision.imageSize / config.vision.patchSize) ** 2 + 1;
}

/** Tokens of a sample: those of an image, or the caption length. */
function tokenCount(config: ClipConfig, tower: Tower, tokens = config.text.maxPositions): number {
  return tower === 'vision' ? imageTokenCount(config) : tokens;
}

/** Shape of what enters a stage above `embeddings`. */
export function stageShape(
  config: ClipConfig,
  tower: Tower,
  stage: string,
  { batch, tokens, reading = 'embedding' }: Pick<TowerOptions, 'batch' | 'tokens' | 'reading'>,
): readonly [number, number] {
  const { hiddenSize } = config[tower];
  if (reading === 'embedding') {
    if (stage === 'features') return [batch, config.projectionSize];
    if (stage === 'final_norm' || stage === 'projection') return [batch, hiddenSize];
  }
  if (reading === 'patch-mean' && stage === 'features') return [batch, hiddenSize];
  return [batch * tokenCount(config, tower, tokens), hiddenSize];
}
