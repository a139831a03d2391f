import type { OptimizerOptions } from '../engine/executor';
import { differentiate } from '../engine/graph/differentiate';
import { trainingFootprint } from '../engine/graph/footprint';
import { elementCount } from '../engine/graph/ir';
import type { ClipConfig } from './clip/config';
import { clipTrainingGraph, LOSS_OUTPUT, type PixelNormalization } from './clip/graph';
import { clipTensors, firstTrainableStage, tensorNames, trainableValues } from './clip/groups';
import type { Stage } from './clip/stages';

/** What of a run decides its memory. */
export interface MemoryPlan {
  readonly batch: number;
  /** Caption length; default: the longest that the model takes. */
  readonly tokens?: number;
  /** Ids of the layer groups that are trained. */
  readonly trainableGroups: ReadonlySet<string>;
  readonly optimizer: Pick<OptimizerOptions, 'type'> & { readonly momentum?: number };
  /** Feed the frozen part of a tower from a cache (true), or compute it in each step. */
  readonly cachedImages: boolean;
  readonly cachedTexts: boolean;
}

/** Bytes on the device at the fullest moment of a training step, by purpose. */
export interface MemoryEstimate {
  /** All of the model's parameters: evaluation and the frozen prefix need those that training does not. */
  readonly weights: number;
  readonly gradients: number;
  readonly moments: number;
  readonly activations: number;
  /** Batch data. */
  readonly inputs: number;
  readonly total: number;
}

/** Any values do: they change no shape. */
const NORMALIZATION: PixelNormalization = { mean: [0, 0, 0], std: [1, 1, 1] };

/** Estimates the memory of training in float32, from the graph that would be run. */
export function estimateTrainingMemory(config: ClipConfig, plan: MemoryPlan): MemoryEstimate {
  const { batch, tokens = config.text.maxPositions, trainableGroups } = plan;
  const from = (tower: 'vision' | 'text', cached: boolean): Stage =>
    cached ? firstTrainableStage(config, tower, trainableGroups) : 'embeddings';
  const graph = clipTrainingGraph(config, {
    batch,
    tokens,
    imageFrom: from('vision', plan.cachedImages),
    textFrom: from('text', plan.cachedTexts),
    normalization: NORMALIZATION,
  });
  const trainable = trainableValues(graph, tensorNames(config, trainableGroups));
  const program = differentiate(graph, graph.outputs[LOSS_OUTPUT] ?? -1, trainable);
  const elements = (shapes: readonly { readonly shape: readonly number[] }[]): number =>
    shapes.reduce((sum, { shape }) => sum + elementCount(shape), 0);
  const weights = 4 * elements(clipTensors(config));
  const gradients = 4 * elements(graph.parameters.filter(({ value }) => program.trainable.has(value)));
  const moments = gradients * momentCount(plan.optimizer);
  const { activations, inputs } = trainingFootprint(program);
  return {
    weights,
    gradients,
    moments,
    activations,
    inputs,
    total: weights + gradients + moments + activations + inputs,
  };
}

function momentCount({ type, momentum = 0 }: MemoryPlan['optimizer']): number {
  if (type === 'sgd') return momentum === 0 ? 0 : 1;
  return 2;
}
