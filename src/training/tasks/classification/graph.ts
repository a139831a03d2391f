import { GraphBuilder } from '../../../engine/graph/builder';
import type { Graph } from '../../../engine/graph/ir';
import { crossEntropy } from '../../../engine/ops/cross-entropy/node';
import { linear } from '../../../engine/ops/linear/node';
import type { Architecture, TowerOptions } from '../../../model/families/family';
import { lossOutput } from '../../../model/pair-graph';
import { classWeightsInput, headParts } from './head';

/** Name of the graph's input: i32 `[batch]`, the class of each picture; negative for padding. */
export const targetsInput = 'targets';

/** Another output of the graph, f32 `[batch, classes]`. */
export const logitsOutput = 'logits';

export interface ClassifierOptions extends Omit<TowerOptions, 'to' | 'reading' | 'tokens'> {
  readonly classes: number;
  /** As in `torch.nn.CrossEntropyLoss`, 0…<1. */
  readonly labelSmoothing: number;
}

/** The image tower, a linear head on the mean of its patches, and the cross-entropy with weights of the classes, `lossOutput`. */
export function classifierGraph(
  architecture: Architecture,
  { classes, labelSmoothing, ...tower }: ClassifierOptions,
): Graph {
  const builder = new GraphBuilder();
  const x = architecture.tower(builder, 'vision', { ...tower, reading: 'patch-mean' });
  const [weight, bias] = headParts(classes, architecture.towers.vision.width);
  const logits = linear(builder, x, builder.parameter(weight.shape, weight), {
    bias: builder.parameter(bias.shape, bias),
  });
  const classWeights = { name: classWeightsInput, shape: [classes] };
  const loss = crossEntropy(builder, logits, builder.input(targetsInput, 'i32', [tower.batch]), {
    classWeights: builder.parameter(classWeights.shape, classWeights),
    labelSmoothing,
  });
  return builder.build({ [lossOutput]: loss, [logitsOutput]: logits });
}
