import { classifierModel, modelWithHead, type ExportedModel, type HeadComputation } from '../../export/model';
import type { Architecture } from '../../model/families/family';
import type { LoadedModel } from '../../model/source';
import type { Run } from '../../runs/types';
import type { WeightDelta } from '../../runs/weight-set';
import type { Metrics } from '../../tasks/metrics';
import { calibrationIn } from './classification/calibrated';
import { headInputs, onesPart } from './heads/graph';
import { headShape, isPlain, type HeadShape } from './heads/shape';
import { headParts, supervisedGraph } from './heads/tower-graph';

/** A run with a head. */
export interface HeadRun {
  readonly run: Pick<Run, 'recipe' | 'scales'>;
  readonly labels: readonly string[];
  /** What was measured of the weights that it kept. */
  readonly kept: Metrics;
}

/**
 * A model with the head that a run trained: what Transformers calls an image classifier where it is one, with its calibration beside; else the model and
 * a head in files of its own.
 */
export function withHead(base: LoadedModel, delta: WeightDelta, { run, labels, kept }: HeadRun): ExportedModel {
  const { task } = run.recipe;
  if (task.type !== 'classification' && task.type !== 'regression') return classifierModel(base, delta, labels);
  const several = task.type === 'classification' && task.labelKind === 'several';
  const ordered = task.type === 'classification' && task.labelKind === 'ordered';
  const outputs = ordered ? labels.length - 1 : labels.length;
  const shape = headShape(task, base.architecture, { outputs, ordered });
  const { temperature, thresholds } = calibrationIn(kept);
  if (isPlain(shape) && task.type === 'classification') {
    const model = classifierModel(base, delta, labels);
    const config = {
      ...model.config,
      problem_type: several ? 'multi_label_classification' : 'single_label_classification',
      vernier_calibration: { temperature, thresholds },
    };
    return {
      ...model,
      config,
      computation: computationOf(shape, base.architecture, { 'config.json': JSON.stringify(config) }),
    };
  }
  const config = {
    format: 'vernier-head',
    version: 1,
    task: task.type,
    labelKind: task.type === 'classification' ? task.labelKind : null,
    labels,
    temperature,
    thresholds: several ? (thresholds ?? labels.map(() => 0.5)) : thresholds,
    numbers: run.scales,
    picture: shape.picture?.reading ?? null,
    words: shape.words?.reading ?? null,
    fusion: shape.fusion,
    head: shape.head,
    plain: isPlain(shape),
    blocks: shape.blocks,
    heads: shape.heads,
    ordered,
  };
  return {
    ...modelWithHead(base, delta, { tensors: headParts(shape), config }),
    computation: computationOf(shape, base.architecture, { 'head.json': JSON.stringify(config) }),
  };
}

function computationOf(
  shape: HeadShape,
  architecture: Architecture,
  metadata: HeadComputation['metadata'],
): HeadComputation {
  const { maxTokens: tokens } = architecture.text;
  const [pictureTokens] = architecture.stageShape('vision', 'features', { batch: 1, reading: shape.picture?.reading });
  const ones = onesPart(shape);
  return {
    graph: supervisedGraph(architecture, shape, {
      batch: 2,
      tokens,
      from: { vision: 'embeddings', text: 'embeddings' },
      // Pictures come from an image processor, normalised already.
      normalization: { mean: [0, 0, 0], std: [1, 1, 1] },
      loss: null,
    }),
    metadata,
    presence: {
      [headInputs.picturePresent]: { of: 'picture', what: 'present', tokens: pictureTokens },
      [headInputs.wordsPresent]: { of: 'words', what: 'present', tokens },
      [headInputs.pictureLengths]: { of: 'picture', what: 'length', tokens: pictureTokens },
      [headInputs.wordLengths]: { of: 'words', what: 'length', tokens },
      [headInputs.wordEnds]: { of: 'words', what: 'end', tokens },
    },
    constants: new Map(shape.ordered ? [[ones.name, new Float32Array(shape.outputs).fill(1)]] : []),
  };
}
