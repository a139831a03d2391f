import { GraphBuilder } from '../engine/graph/builder';
import type { Graph } from '../engine/graph/ir';
import { contrastiveLoss } from '../engine/ops/contrastive-loss/node';
import type { Architecture, Stage, TowerOptions } from './families/family';

/** Names of the inputs that tell the pairs of a batch apart. */
export const PAIR_INPUTS = {
  /** i32 `[batch]`: equal for samples that show the same picture, negative for padding. */
  imageKeys: 'image_keys',
  /** i32 `[batch]`: equal for samples that carry the same caption. */
  textKeys: 'text_keys',
} as const;

/** Output of a training graph, f32 scalar. */
export const LOSS_OUTPUT = 'loss';

export interface PairGraphOptions extends Omit<TowerOptions, 'from' | 'to' | 'reading'> {
  /** First computed stage of each tower; what lies below is fed in. */
  readonly imageFrom?: Stage;
  readonly textFrom?: Stage;
  /** As in `torch.nn.CrossEntropyLoss`, 0…<1. */
  readonly labelSmoothing?: number;
}

/**
 * Both towers and a loss over the pairs of a batch, `LOSS_OUTPUT`: the symmetric contrastive one. Serves training and, compiled for inference, the
 * validation loss.
 */
export function pairGraph(architecture: Architecture, options: PairGraphOptions): Graph {
  const builder = new GraphBuilder();
  const { imageFrom = 'embeddings', textFrom = 'embeddings', labelSmoothing = 0, ...shared } = options;
  const image = architecture.tower(builder, 'vision', { ...shared, from: imageFrom });
  const text = architecture.tower(builder, 'text', { ...shared, from: textFrom });
  const { scale } = architecture.logits;
  const loss = contrastiveLoss(builder, image, text, builder.parameter(scale.shape, scale), {
    imageKeys: builder.input(PAIR_INPUTS.imageKeys, 'i32', [options.batch]),
    textKeys: builder.input(PAIR_INPUTS.textKeys, 'i32', [options.batch]),
    labelSmoothing,
  });
  return builder.build({ [LOSS_OUTPUT]: loss });
}
