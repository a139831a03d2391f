import { GraphBuilder } from '../engine/graph/builder';
import type { Graph } from '../engine/graph/ir';
import type { ParameterPart, ValueId } from '../engine/graph/value';
import { contrastiveLoss } from '../engine/ops/contrastive-loss/node';
import { sigmoidLoss } from '../engine/ops/sigmoid-loss/node';
import { pairOf } from './architecture';
import type { Architecture, PairLoss, Stage, TowerOptions } from './families/family';

/** Names of the inputs that tell the pairs of a batch apart. */
export const pairInputs = {
  /** i32 `[batch]`: equal for samples that show the same picture, negative for padding. */
  imageKeys: 'image_keys',
  /** i32 `[batch]`: equal for samples that carry the same caption. */
  textKeys: 'text_keys',
} as const;

/** Output of a training graph, f32 scalar. */
export const lossOutput = 'loss';

export interface PairGraphOptions extends Omit<TowerOptions, 'from' | 'to' | 'reading'> {
  /** First computed stage of each tower; what lies below is fed in. */
  readonly imageFrom?: Stage;
  readonly textFrom?: Stage;
  /** Default: the model's own. */
  readonly loss?: PairLoss;
  /** Of the contrastive loss, as in `torch.nn.CrossEntropyLoss`, 0…<1. */
  readonly labelSmoothing?: number;
}

/**
 * What is added to the logits of a model whose checkpoint has no such scalar while it is trained with the sigmoid loss. It is set and not trained
 * (`fittingBias`), and lives as long as the run: it moves all logits alike, so that no measure depends on it.
 */
export const addedBias = { name: 'logit_bias', shape: [1] } as const;

/**
 * Both towers and a loss over the pairs of a batch, `lossOutput`. Serves training and, compiled for inference, the validation loss.
 *
 * @throws ModelError `unsupported` for a model without a shared space
 */
export function pairGraph(architecture: Architecture, options: PairGraphOptions): Graph {
  const builder = new GraphBuilder();
  const pair = pairOf(architecture);
  const { imageFrom = 'embeddings', textFrom = 'embeddings', loss = pair.loss, ...rest } = options;
  const { labelSmoothing = 0, ...shared } = rest;
  const image = pair.tower(builder, 'vision', { ...shared, from: imageFrom });
  const text = pair.tower(builder, 'text', { ...shared, from: textFrom });
  const { scale, bias } = pair.logits;
  const scalar = (part: ParameterPart): ValueId => builder.parameter(part.shape, part);
  const logitScale = scalar(scale);
  const keys = {
    imageKeys: builder.input(pairInputs.imageKeys, 'i32', [options.batch]),
    textKeys: builder.input(pairInputs.textKeys, 'i32', [options.batch]),
  };
  const value =
    loss === 'sigmoid'
      ? sigmoidLoss(builder, image, text, { logitScale, logitBias: scalar(bias ?? addedBias), ...keys })
      : contrastiveLoss(builder, image, text, logitScale, { ...keys, labelSmoothing });
  return builder.build({ [lossOutput]: value });
}
