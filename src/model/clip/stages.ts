import type { ClipConfig, TowerConfig } from './config';

export type Tower = 'vision' | 'text';

/**
 * Where a tower can be entered and left, in order. A stage names the part that is about to run:
 *
 * - `embeddings`: pixels or token ids come in
 * - `blocks.N`: the residual stream `[batch * tokens, hidden]` comes in
 * - `final_norm`: the residual stream of the pooled token `[batch, hidden]` comes in (nothing above reads another token)
 * - `projection`: the normed pooled token `[batch, hidden]` comes in
 * - `features`: the tower is done; L2-normalised features `[batch, projection]` come out
 */
export type Stage = 'embeddings' | `blocks.${number}` | 'final_norm' | 'projection' | 'features';

/** All stages of a tower, first to last. */
export function towerStages(config: ClipConfig, tower: Tower): readonly Stage[] {
  const blocks = Array.from({ length: config[tower].layers }, (_, layer): Stage => `blocks.${layer}`);
  return ['embeddings', ...blocks, 'final_norm', 'projection', 'features'];
}

/** Position of a stage in `towerStages`. */
export function stageIndex(config: ClipConfig, tower: Tower, stage: Stage): number {
  const index = towerStages(config, tower).indexOf(stage);
  if (index === -1) {
    throw new Error(`The ${tower} tower has ${config[tower].layers} blocks and no stage "${stage}".`);
  }
  return index;
}

/** Side of the pixels that the graph reads: the part of the image that whole patches cover, as a strided convolution sees it. */
export function pixelSide(config: ClipConfig): number {
  const { imageSize, patchSize } = config.vision;
  return Math.floor(imageSize / patchSize) * patchSize;
}

/** Tokens of an image: the patches and the class token. */
export function imageTokenCount(config: ClipConfig): number {
  return Math.floor(config.vision.imageSize / config.vision.patchSize) ** 2 + 1;
}

/** Shape of what enters a stage above `embeddings`. `tokens` is the sequence length (`imageTokenCount`, or the caption length). */
export function hiddenShape(
  config: ClipConfig,
  tower: Tower,
  stage: Exclude<Stage, 'embeddings'>,
  batch: number,
  tokens: number,
): readonly [number, number] {
  const { hiddenSize }: TowerConfig = config[tower];
  if (stage === 'features') return [batch, config.projectionSize];
  if (stage === 'final_norm' || stage === 'projection') return [batch, hiddenSize];
  return [batch * tokens, hiddenSize];
}
