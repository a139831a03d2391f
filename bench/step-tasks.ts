import * as tf from '@tensorflow/tfjs-core';
import type { InputData } from '../src/engine/executor';
import type { Graph } from '../src/engine/graph/ir';
import type { ParameterPart } from '../src/engine/graph/value';
import { crossEntropy } from '../src/engine/ops/cross-entropy/node';
import { elementLoss } from '../src/engine/ops/element-loss/node';
import { tensorNames } from '../src/model/architecture';
import type { ClipConfig } from '../src/model/families/clip/config';
import type { PairArchitecture, Stage, Tower, TowerOptions } from '../src/model/families/family';
import { pairGraph, pairInputs } from '../src/model/pair-graph';
import { headInputs } from '../src/training/tasks/heads/graph';
import type { HeadShape } from '../src/training/tasks/heads/shape';
import { headParts, supervisedGraph } from '../src/training/tasks/heads/tower-graph';
import type { PairTask } from './step-options';
import { stockHead } from './stock/head';
import { stockLoss, type StockBatch, type Variables } from './stock/model';

/** What a step teaches, on both sides of the comparison. */
export interface TaughtTask {
  /** Tensors beside the model's. All are trained. */
  readonly parts: readonly ParameterPart[];
  /** Their values at the start. */
  readonly weights: ReadonlyMap<string, Float32Array>;
  /** Those that take no weight decay. */
  readonly noDecay: readonly string[];
  /** Inputs beside those of the towers. */
  readonly inputs: InputData;
  graph(from: Readonly<Record<Tower, Stage>>, options: Pick<TowerOptions, 'batch' | 'tokens' | 'normalization'>): Graph;
  stockLoss(config: ClipConfig, variables: Variables, batch: StockBatch): tf.Scalar;
  /** Names of the tensors that the loss depends on and that a choice of layer groups trains. */
  trained(groups: ReadonlySet<string>): ReadonlySet<string>;
}

/** Classes that are told apart. */
const classes = 10;

/** The task of a step with a batch of the given size. */
export function taughtTask(task: PairTask, architecture: PairArchitecture, size: number): TaughtTask {
  return task === 'contrastive' ? contrastive(architecture, size) : supervised(task, architecture, size);
}

function contrastive(architecture: PairArchitecture, size: number): TaughtTask {
  const keys = Int32Array.from({ length: size }, (_, row) => row);
  return {
    parts: [],
    weights: new Map(),
    noDecay: [],
    inputs: { [pairInputs.imageKeys]: keys, [pairInputs.textKeys]: keys },
    graph: (from, options) => pairGraph(architecture, { ...options, imageFrom: from.vision, textFrom: from.text }),
    stockLoss,
    trained: (groups) => tensorNames(architecture, groups),
  };
}

/** A head with a hidden layer on the features of picture and words side by side, as the studio makes it. */
function supervised(task: 'classification' | 'regression', architecture: PairArchitecture, size: number): TaughtTask {
  const outputs = task === 'classification' ? classes : 1;
  const shape: HeadShape = {
    picture: { tower: 'vision', reading: 'patch-mean', width: architecture.towers.vision.width },
    words: { tower: 'text', reading: 'embedding', width: architecture.featureSize },
    fusion: 'concat',
    head: 'mlp',
    width: 256,
    // What is dropped would differ between the two sides.
    dropout: 0,
    blocks: 1,
    heads: 1,
    outputs,
    ordered: false,
  };
  const parts = headParts(shape);
  const targets = Int32Array.from({ length: size }, (_, row) => row % classes);
  const numbers = Float32Array.from(targets, (target) => target / 4 - 1);
  const present = new Int32Array(size).fill(1);
  return {
    parts,
    weights: new Map(parts.map(({ name, shape: extents }, i) => [name, startOf(name, extents, i)])),
    noDecay: parts.flatMap(({ name, shape: extents }) => (extents.length === 1 ? [name] : [])),
    inputs: {
      [headInputs.picturePresent]: present,
      [headInputs.wordsPresent]: present,
      ...(task === 'classification' ? { targets } : { targets: numbers, weights: new Float32Array(size).fill(1) }),
    },
    graph: (from, options) =>
      supervisedGraph(architecture, shape, {
        ...options,
        from,
        loss: (builder, logits) =>
          task === 'classification'
            ? crossEntropy(builder, logits, builder.input('targets', 'i32', [size]))
            : elementLoss(
                builder,
                logits,
                {
                  targets: builder.input('targets', 'f32', [size, 1]),
                  weights: builder.input('weights', 'f32', [size, 1]),
                },
                { kind: 'squared' },
              ),
      }),
    stockLoss(config, variables, batch) {
      const logits = stockHead(config, variables, batch);
      if (task === 'regression') return tf.mean(tf.square(tf.sub(logits, tf.tensor2d(numbers, [size, 1]))));
      const wanted = tf.oneHot(tf.tensor1d(targets, 'int32'), classes);
      return tf.neg(tf.mean(tf.sum(tf.mul(wanted, tf.logSoftmax(logits)), 1)));
    },
    trained(groups) {
      // The head reads neither the pooled picture nor the scale; a vector for what is missing has no part in samples that have all.
      const unread = /^(?:visual_projection|logit_scale|vision_model\.post_layernorm)/;
      const read = [...tensorNames(architecture, groups)].filter((name) => !unread.test(name));
      return new Set([...read, ...parts.map(({ name }) => name).filter((name) => !name.endsWith('_missing'))]);
    },
  };
}

/** Norms at one, biases and what stands for the missing at zero, the rest small numbers that repeat. */
function startOf(name: string, shape: readonly number[], seed: number): Float32Array {
  const count = shape.reduce((product, extent) => product * extent, 1);
  if (/norm\.weight$/.test(name)) return new Float32Array(count).fill(1);
  if (shape.length === 1) return new Float32Array(count);
  const spread = (shape[1] ?? 1) ** -0.5;
  return Float32Array.from({ length: count }, (_, i) => spread * Math.sin(12.9898 * (i + 1) + seed));
}
