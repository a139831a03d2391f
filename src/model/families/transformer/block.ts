import type { GraphBuilder } from '../../../engine/graph/builder';
import type { ParameterPart, ValueId } from '../../../engine/graph/value';
import { attention } from '../../../engine/ops/attention/node';
import { layerNorm } from '../../../engine/ops/layer-norm/node';
import { linear, type Activation } from '../../../engine/ops/linear/node';
import { patchify } from '../../../engine/ops/patchify/node';
import { viewLength } from '../../../engine/view';
import { modelInputs, type Stage, type Tower, type TowerOptions } from '../family';
import type { TowerConfig, VisionConfig } from './config';
import { blockTensors, type Affine } from './tensors';

/** The parts of graphs that CLIP and its kin have in common. */

export interface BlockOptions {
  readonly batch: number;
  readonly causal: boolean;
  readonly attentionDropout: number;
  /**
   * In the last block, picks the rows to go on with. Everything after its attention is per token, so the others can be left out. Null where all are
   * needed.
   */
  readonly pool: ((x: ValueId) => ValueId) | null;
}

/** Pre-norm transformer block: `x + out(attention(norm1(x)))`, then `x + fc2(activation(fc1(norm2(x))))`. */
export function block(
  builder: GraphBuilder,
  config: TowerConfig,
  tower: Tower,
  layer: number,
  x: ValueId,
  { batch, causal, attentionDropout, pool }: BlockOptions,
): ValueId {
  const { hiddenSize, heads, activation, layerNormEpsilon } = config;
  const tensors = blockTensors(config, tower, layer);
  const parts = [tensors.query, tensors.key, tensors.value];
  const qkv = linear(
    builder,
    norm(builder, x, tensors.norm1, layerNormEpsilon),
    builder.parameter([3 * hiddenSize, hiddenSize], ...parts.map(({ weight }) => weight)),
    { bias: builder.parameter([3 * hiddenSize], ...parts.map(({ bias }) => bias)) },
  );
  let attended = attention(builder, qkv, { batch, heads, causal, dropout: attentionDropout });
  let residual = x;
  if (pool !== null) {
    attended = pool(attended);
    residual = pool(residual);
  }
  const middle = dense(builder, attended, tensors.out, { residual });
  const normed = norm(builder, middle, tensors.norm2, layerNormEpsilon);
  return dense(builder, dense(builder, normed, tensors.fc1, { activation }), tensors.fc2, { residual: middle });
}

/** The pictures of a batch as normalised patches `[batch * patches, 3 * patch²]`, drawn by their views where they come as larger squares. */
export function picturePatches(
  builder: GraphBuilder,
  { imageSize, patchSize: patch }: VisionConfig,
  { batch, normalization, squareSide }: TowerOptions,
): ValueId {
  if (normalization === undefined) throw new Error('The vision tower needs the mean and std of its pixels.');
  const size = coveredSide(imageSize, patch);
  const side = squareSide ?? size;
  const pixels = builder.input(modelInputs.pixels, 'u8', [batch, side, side, 3]);
  const drawn =
    squareSide === undefined
      ? undefined
      : { views: builder.input(modelInputs.views, 'f32', [batch, viewLength]), size };
  return patchify(builder, pixels, { patch, ...normalization, drawn });
}

/** Side of the part of a picture that whole patches cover. */
export function coveredSide(imageSize: number, patchSize: number): number {
  return Math.floor(imageSize / patchSize) * patchSize;
}

export function single(builder: GraphBuilder, part: ParameterPart): ValueId {
  return builder.parameter(part.shape, part);
}

export function norm(builder: GraphBuilder, x: ValueId, { weight, bias }: Affine, epsilon: number): ValueId {
  return layerNorm(builder, x, single(builder, weight), single(builder, bias), epsilon);
}

export function dense(
  builder: GraphBuilder,
  x: ValueId,
  { weight, bias }: Affine,
  options: { residual?: ValueId; activation?: Activation } = {},
): ValueId {
  return linear(builder, x, single(builder, weight), { ...options, bias: single(builder, bias) });
}

/**
 * Which stages of a tower run between two of them.
 *
 * @throws Error for a stage that the tower does not have, or where the second comes before the first
 */
export function stagesBetween(
  stages: readonly Stage[],
  tower: Tower,
  from: Stage,
  to: Stage,
): (stage: Stage) => boolean {
  const place = (stage: Stage): number => {
    const index = stages.indexOf(stage);
    if (index === -1) throw new Error(`The ${tower} tower has no stage "${stage}", only ${stages.join(', ')}.`);
    return index;
  };
  const [first, end] = [place(from), place(to)];
  if (first > end) throw new Error(`The ${tower} tower cannot run from "${from}" back to "${to}".`);
  if (first === end && from === 'embeddings') throw new Error(`The ${tower} tower was asked to compute nothing.`);
  return (stage) => first <= place(stage) && place(stage) < end;
}
