import { GraphBuilder } from '../engine/graph/builder';
import type { Graph } from '../engine/graph/ir';
import { elementCount, type ParameterPart, type ParameterSpec, type ValueId } from '../engine/graph/value';
import { ModelError } from './errors';
import type {
  Architecture,
  GeneratorArchitecture,
  LayerGroup,
  PairArchitecture,
  Reading,
  Stage,
  Tower,
  TowerOptions,
} from './families/family';

/** What follows from any architecture. */

/** @throws ModelError `unsupported` for a model that compares no pictures with words */
export function pairOf(architecture: Architecture): PairArchitecture {
  if (architecture.kind === 'pair') return architecture;
  throw new ModelError(
    'unsupported',
    `This ${architecture.family.name} model writes words and has no space in which pictures and words can be compared. Open a model with such a space, such as a CLIP.`,
  );
}

/** @throws ModelError `unsupported` for a model that writes no words */
export function generatorOf(architecture: Architecture): GeneratorArchitecture {
  if (architecture.kind === 'generator') return architecture;
  throw new ModelError(
    'unsupported',
    `This ${architecture.family.name} model compares pictures with words and writes none. Open a model that does, such as a BLIP.`,
  );
}

/** Width of the space that pictures and words share; null where there is none. */
export function sharedWidth(architecture: Architecture): number | null {
  return architecture.kind === 'pair' ? architecture.featureSize : null;
}

/** Output of `towerGraph`, f32: what enters stage `to`. */
export const towerOutput = 'output';

/** One tower from one stage up to another. */
export function towerGraph(architecture: Architecture, tower: Tower, options: TowerOptions): Graph {
  const builder = new GraphBuilder();
  return builder.build({ [towerOutput]: architecture.tower(builder, tower, options) });
}

/** Every tensor that the checkpoint must hold. */
export function modelTensors({ groups }: Architecture): readonly ParameterPart[] {
  return groups.flatMap(({ tensors }) => tensors);
}

/**
 * Every parameter of the model as its graphs use it, for `Executor.createStore`.
 *
 * @param own tensors that a task adds to it
 */
export function modelParameters(
  architecture: Architecture,
  own: readonly ParameterPart[] = [],
): readonly ParameterSpec[] {
  const builder = new GraphBuilder();
  const outputs =
    architecture.kind === 'pair' ? pairOutputs(builder, architecture) : wordOutputs(builder, architecture);
  const added = own.map((part) => builder.parameter(part.shape, part));
  return builder.build(Object.fromEntries([...outputs, ...added].entries())).parameters;
}

/** Any picture of any batch: parameters are the same. */
const anyPictures: TowerOptions = { batch: 1, normalization: { mean: [0, 0, 0], std: [1, 1, 1] } };

function pairOutputs(builder: GraphBuilder, architecture: PairArchitecture): readonly ValueId[] {
  const { scale, bias } = architecture.logits;
  return [
    architecture.tower(builder, 'vision', anyPictures),
    architecture.tower(builder, 'text', anyPictures),
    ...[scale, ...(bias === null ? [] : [bias])].map((part) => builder.parameter(part.shape, part)),
  ];
}

function wordOutputs(builder: GraphBuilder, architecture: GeneratorArchitecture): readonly ValueId[] {
  const ids = builder.input('ids', 'i32', [1, 1]);
  const lengths = builder.input('lengths', 'i32', [1]);
  const picture = {
    states: architecture.tower(builder, 'vision', { ...anyPictures, reading: 'tokens' }),
    lengths: null,
  };
  const encoded =
    architecture.towers.question === undefined
      ? picture
      : { states: architecture.question(builder, { batch: 1, ids, lengths, picture }), lengths };
  return [architecture.decoder(builder, { ids, rows: 1, sources: 1, encoded, kept: null }).logits];
}

export function parameterCount({ tensors }: Pick<LayerGroup, 'tensors'>): number {
  return tensors.reduce((sum, { shape }) => sum + elementCount(shape), 0);
}

/** Checkpoint names in the given groups. */
export function tensorNames({ groups }: Architecture, groupIds: ReadonlySet<string>): ReadonlySet<string> {
  return new Set(groups.filter(({ id }) => groupIds.has(id)).flatMap(({ tensors }) => tensors.map(({ name }) => name)));
}

/** Checkpoint names that take no weight decay: everything with fewer than two axes (norms, biases, class embedding, logit scale). */
export function noDecayNames(architecture: Architecture): ReadonlySet<string> {
  return new Set(
    modelTensors(architecture)
      .filter(({ shape }) => shape.length < 2)
      .map(({ name }) => name),
  );
}

/**
 * The lowest stage of a tower that holds a trainable group, `features` if none does. All below it is frozen: its output can be computed
 * once per sample and fed to a graph that starts here.
 */
export function firstTrainableStage(
  architecture: Architecture,
  tower: Tower,
  trainableGroups: ReadonlySet<string>,
  reading?: Reading,
): Stage {
  const trained = new Set(
    architecture.groups
      .filter((group) => group.tower === tower && trainableGroups.has(group.id))
      .map(({ stage }) => stage),
  );
  return architecture.stages(tower, reading).find((stage) => trained.has(stage)) ?? 'features';
}

/** The parameter values of a graph whose checkpoint tensors are all in `names`: the trainable set for `differentiate`. */
export function trainableValues(graph: Graph, names: ReadonlySet<string>): ReadonlySet<ValueId> {
  return new Set(
    graph.parameters.filter(({ parts }) => parts.every(({ name }) => names.has(name))).map(({ value }) => value),
  );
}
