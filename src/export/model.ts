import type { Graph } from '../engine/graph/ir';
import type { ParameterPart } from '../engine/graph/value';
import { modelTensors } from '../model/architecture';
import type { StoredTensor } from '../model/safetensors';
import type { LoadedModel } from '../model/source';
import type { WeightDelta } from '../runs/weight-set';
import { ExportError } from './errors';

/**
 * A model as export formats see it: its files, its tensors by name, and what Transformers calls it. A family's whole model is described by
 * `wholeModel`; a task that trains a part of one, or adds a head, describes that.
 */
export interface ExportedModel {
  /** `model_type` of its configuration. */
  readonly family: string;
  /** The class of Transformers that loads it. */
  readonly modelClass: string;
  /** Entries of `config.json` besides those of the base, such as the labels of a classifier. */
  readonly config: Readonly<Record<string, unknown>>;
  /** The tensors that this class computes with. */
  readonly tensors: readonly ExportedTensor[];
  /** What stands in the place of the base's tensors, or is not of the base at all. */
  readonly delta: WeightDelta | null;
  /** The base: its configuration and the files beside its weights. */
  readonly base: LoadedModel;
  /** A head that Transformers has no class for; absent for models that are whole without one. */
  readonly head?: ExportedHead;
  /** What towers and head compute together; absent where there is no head. */
  readonly computation?: HeadComputation;
}

/** A head on the towers, in files of its own beside the model. */
export interface ExportedHead {
  /** What its loader needs to know: `head.json`. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly tensors: readonly ExportedTensor[];
  readonly delta: WeightDelta;
}

/** What a head computes with its towers, from pictures and token ids up to its output `logits`. */
export interface HeadComputation {
  /** Of a batch of two samples; texts are as long as the model can read. */
  readonly graph: Graph;
  /** What is to be known of its output beside it, as text by name. */
  readonly metadata: Readonly<Record<string, string>>;
  /** What the inputs of the graph hold that say what of a sample is there. */
  readonly presence: Readonly<Record<string, PresenceInput>>;
  /** Parameters of the graph that are the same for every head of its kind, and in no file. */
  readonly constants: ReadonlyMap<string, Float32Array>;
}

/** Of the picture or the words of each sample: whether they are there, how many of their tokens count, or which is the last of these. */
export interface PresenceInput {
  readonly of: 'picture' | 'words';
  readonly what: 'present' | 'length' | 'end';
  /** Tokens where all count. */
  readonly tokens: number;
}

/** A tensor under its name and in its shape in Transformers; some checkpoints store the logit scale as `[1]`. */
export interface ExportedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** As the base stores it; null for one that training added. */
  readonly stored: StoredTensor | null;
}

/**
 * All of a model, under some weights.
 *
 * @throws ExportError `unknown-tensor` where the weights are those of another model
 */
export function wholeModel(base: LoadedModel, delta: WeightDelta | null): ExportedModel {
  const tensors = modelTensors(base.architecture).map(({ name, shape }) => ({
    name,
    shape,
    stored: base.stored.get(name) ?? null,
  }));
  const known = new Set(tensors.map(({ name }) => name));
  for (const name of delta?.names ?? []) {
    if (!known.has(name))
      throw new ExportError('unknown-tensor', `The run holds a tensor "${name}" that its base model does not have.`);
  }
  const { family, modelClass } = base.architecture;
  return { family: family.modelType, modelClass, config: {}, tensors, delta, base };
}

/**
 * All of a model under some weights, with a head in files of its own.
 *
 * @throws ExportError `unknown-tensor` where the weights are those of another model, or lack a tensor of the head
 */
export function modelWithHead(
  base: LoadedModel,
  delta: WeightDelta,
  head: Pick<ExportedHead, 'config'> & { readonly tensors: readonly ParameterPart[] },
): ExportedModel {
  const own = new Set(head.tensors.map(({ name }) => name));
  if (head.tensors.some(({ name }) => !delta.names.includes(name)))
    throw new ExportError('unknown-tensor', 'The run kept no trained head. Choose another run.');
  const part = (names: readonly string[]): WeightDelta => ({ names, read: (asked) => delta.read(asked) });
  return {
    ...wholeModel(base, part(delta.names.filter((name) => !own.has(name)))),
    head: {
      config: head.config,
      tensors: head.tensors.map(({ name, shape }) => ({ name, shape, stored: null })),
      delta: part([...own]),
    },
  };
}

/**
 * The image tower and the decoder of a model that answers questions, under weights that were trained to write captions: as the class of Transformers that
 * does so, since the other asks for a question. The encoder of questions is left out.
 *
 * @throws ExportError `unknown-tensor` where the weights are those of another model
 */
export function captionerModel(base: LoadedModel, delta: WeightDelta | null): ExportedModel {
  const whole = wholeModel(base, delta);
  const { groups, family } = base.architecture;
  const asking = new Set(
    groups.filter(({ tower }) => tower === 'question').flatMap(({ tensors }) => tensors.map(({ name }) => name)),
  );
  if (asking.size === 0) return whole;
  return {
    ...whole,
    modelClass: family.modelClasses[0] ?? whole.modelClass,
    tensors: whole.tensors.filter(({ name }) => !asking.has(name)),
    delta: delta && { names: delta.names.filter((name) => !asking.has(name)), read: (names) => delta.read(names) },
  };
}

/** How Transformers' classifiers name the tensors of the image tower, as the whole models do; a projection to the shared space is none of them. */
const visionPrefix = 'vision_model.';

/** The tensors of a head for classes, as Transformers names them. */
const headTensorNames = { weight: 'classifier.weight', bias: 'classifier.bias' } as const;

/**
 * The image tower under some weights with a linear head for classes, as Transformers' classifier of the family has it. What it does not compute with
 * (the text tower, projections, scales) is left out.
 *
 * @param labels names of the classes, in the order of the head's outputs
 * @throws ExportError `unsupported` for a family without such a classifier; `unknown-tensor` where the weights are those of another model, or without
 * a head
 */
export function classifierModel(base: LoadedModel, delta: WeightDelta, labels: readonly string[]): ExportedModel {
  const { groups, towers, family } = base.architecture;
  const { weight, bias } = headTensorNames;
  if (family.classifierClass === null)
    throw new ExportError('unsupported', `Transformers has no classifier with the image tower of a ${family.name}.`);
  for (const name of [weight, bias]) {
    if (!delta.names.includes(name))
      throw new ExportError('unknown-tensor', 'The run kept no trained head. Choose another run.');
  }
  const tower = groups
    .flatMap(({ tensors }) => tensors)
    .filter(({ name }) => name.startsWith(visionPrefix))
    .map(({ name, shape }) => ({ name, shape, stored: base.stored.get(name) ?? null }));
  const tensors = [
    ...tower,
    { name: weight, shape: [labels.length, towers.vision.width], stored: null },
    { name: bias, shape: [labels.length], stored: null },
  ];
  const known = new Set(tensors.map(({ name }) => name));
  return {
    family: family.modelType,
    modelClass: family.classifierClass,
    config: {
      id2label: Object.fromEntries(labels.map((label, index) => [String(index), label])),
      label2id: Object.fromEntries(labels.map((label, index) => [label, index])),
      problem_type: 'single_label_classification',
    },
    tensors,
    delta: { names: delta.names.filter((name) => known.has(name)), read: (names) => delta.read(names) },
    base,
  };
}
