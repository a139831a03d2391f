import type { TowerOptions } from '../family';
import type { BlipConfig } from './config';

/**
 * The stages of the image tower:
 *
 * - `embeddings`: pixels come in
 * - `blocks.N`, `final_norm`: the residual stream `[batch * tokens, hidden]` comes in
 * - `features`: the tower is done; all tokens come out behind the norm, or the mean of the patches
 */
export type BlipStage = 'embeddings' | `blocks.${number}` | 'final_norm' | 'features';

/** All stages of the image tower, first to last. */
export function visionStages({ vision }: BlipConfig): readonly BlipStage[] {
  return [
    'embeddings',
    ...Array.from({ length: vision.layers }, (_, layer): BlipStage => `blocks.${layer}`),
    'final_norm',
    'features',
  ];
}

/** Tokens of a picture: the class token and the patches. */
export function imageTokenCount({ vision }: BlipConfig): number {
  return 1 + Math.floor(vision.imageSize / vision.patchSize) ** 2;
}

/** Shape of what enters a stage above `embeddings`. */
export function stageShape(
  config: BlipConfig,
  stage: string,
  { batch, reading = 'tokens' }: Pick<TowerOptions, 'batch' | 'reading'>,
): readonly [number, number] {
  const { hiddenSize } = config.vision;
  return reading === 'patch-mean' && stage === 'features'
    ? [batch, hiddenSize]
    : [batch * imageTokenCount(config), hiddenSize];
}
