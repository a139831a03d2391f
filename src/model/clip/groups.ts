import { elementCount, type Graph, type ParameterPart, type ValueId } from '../../engine/graph/ir';
import type { ClipConfig } from './config';
import { towerStages, type Stage, type Tower } from './stages';
import { LOGIT_SCALE, logitScaleTensor, stageTensors } from './tensors';

/**
 * What a person freezes as one: `vision.embeddings`, `vision.blocks.N`, `vision.final_norm`, `vision.projection`, the same below `text.`,
 * and `logit_scale`.
 */
export interface LayerGroup {
  readonly id: string;
  /** Null for the logit scale. */
  readonly tower: Tower | null;
  readonly stage: Exclude<Stage, 'features'> | null;
  /** Names and shapes in the checkpoint. */
  readonly tensors: readonly ParameterPart[];
  readonly parameterCount: number;
}

/** All groups, vision tower first, each tower from its input upwards. Together they hold every tensor of the model once. */
export function clipLayerGroups(config: ClipConfig): readonly LayerGroup[] {
  const towers = (['vision', 'text'] as const).flatMap((tower) =>
    towerStages(config, tower)
      .filter((stage) => stage !== 'features')
      .map((stage) => layerGroup(`${tower}.${stage}`, tower, stage, stageTensors(config, tower, stage))),
  );
  return [...towers, layerGroup(LOGIT_SCALE, null, null, [logitScaleTensor()])];
}

function layerGroup(
  id: string,
  tower: Tower | null,
  stage: LayerGroup['stage'],
  tensors: readonly ParameterPart[],
): LayerGroup {
  return {
    id,
    tower,
    stage,
    tensors,
    parameterCount: tensors.reduce((sum, { shape }) => sum + elementCount(shape), 0),
  };
}

/** Every tensor that the checkpoint must hold. */
export function clipTensors(config: ClipConfig): readonly ParameterPart[] {
  return clipLayerGroups(config).flatMap(({ tensors }) => tensors);
}

/** Checkpoint names in the given groups. */
export function tensorNames(config: ClipConfig, groupIds: ReadonlySet<string>): ReadonlySet<string> {
  return new Set(
    clipLayerGroups(config)
      .filter(({ id }) => groupIds.has(id))
      .flatMap(({ tensors }) => tensors.map(({ name }) => name)),
  );
}

/** Checkpoint names that take no weight decay: everything with fewer than two axes (norms, biases, class embedding, logit scale). */
export function noDecayNames(config: ClipConfig): ReadonlySet<string> {
  return new Set(
    clipTensors(config)
      .filter(({ shape }) => shape.length < 2)
      .map(({ name }) => name),
  );
}

/**
 * The lowest stage of a tower that holds a trainable group, `features` if none does. All below it is frozen: its output can be computed
 * once per sample and fed to a graph that starts here.
 */
export function firstTrainableStage(config: ClipConfig, tower: Tower, trainableGroups: ReadonlySet<string>): Stage {
  return towerStages(config, tower).find((stage) => trainableGroups.has(`${tower}.${stage}`)) ?? 'features';
}

/** The parameter values of a graph whose checkpoint tensors are all in `names`: the trainable set for `differentiate`. */
export function trainableValues(graph: Graph, names: ReadonlySet<string>): ReadonlySet<ValueId> {
  return new Set(
    graph.parameters.filter(({ parts }) => parts.every(({ name }) => names.has(name))).map(({ value }) => value),
  );
}
