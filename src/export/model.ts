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
  const { modelType, modelClass } = base.architecture.family;
  return { family: modelType, modelClass, config: {}, tensors, delta, base };
}
