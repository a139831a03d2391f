import { tensorValues } from '../../../../model/safetensors';
import type { Archive } from '../../../archive';
import { archivedText, parsed } from '../../../companions';
import { mismatch } from '../../../errors';
import { textFile, type ExportFile } from '../../../export-file';
import type { ExportedHead, ExportedModel } from '../../../model';
import type { ExportPrecision } from '../../../options';
import { plainRule, readTensorFile, tensorFile, type TensorRule } from '../../../tensor-file';
import { loaderSource } from './loader';

/** A head in files of its own, beside a model that Transformers loads: what it is, its weights, and what runs it in Python. */

export const headWeightsFile = 'head.safetensors';
const configFile = 'head.json';
const loaderFile = 'head.py';

export function* headFiles(model: ExportedModel, precision: ExportPrecision): Iterable<ExportFile> {
  const { head } = model;
  if (head === undefined) return;
  yield textFile(configFile, `${JSON.stringify(head.config, null, 2)}\n`);
  yield tensorFile(headWeightsFile, headRules(head), asModel(model, head), precision);
  yield textFile(loaderFile, loaderSource);
}

/** Largest relative difference that rounding to a precision makes. */
const rounding: Readonly<Record<ExportPrecision, number>> = { float32: 0, float16: 1e-3 };

/**
 * Reads the files of a head back and holds its weights against those that were trained.
 *
 * @throws ExportError `mismatch`
 */
export async function checkHead(archive: Archive, model: ExportedModel, precision: ExportPrecision): Promise<void> {
  const { head } = model;
  if (head === undefined) return;
  parsed(await archivedText(archive, configFile), configFile);
  await archivedText(archive, loaderFile);
  const trained = new Map<string, Float32Array>();
  for await (const [name, values] of head.delta.read(head.delta.names)) trained.set(name, values);
  const left = new Set(head.tensors.map(({ name }) => name));
  for await (const tensor of readTensorFile(
    archive,
    headWeightsFile,
    headRules(head),
    asModel(model, head),
    precision,
  )) {
    const before = trained.get(tensor.name);
    const after = tensorValues(tensor);
    const same = (value: number, index: number): boolean =>
      Math.abs(value - (before?.[index] ?? NaN)) <= rounding[precision] * Math.max(1e-3, Math.abs(value));
    if (before?.length !== after.length || !after.every(same))
      throw mismatch(`${tensor.name} of ${headWeightsFile} is not what was trained.`);
    left.delete(tensor.name);
  }
  if (left.size > 0) throw mismatch(`${headWeightsFile} lacks ${[...left].join(', ')}.`);
}

/** The tensors of a head's own file. */
export function headRules({ tensors }: ExportedHead): readonly TensorRule[] {
  return tensors.map((tensor) => plainRule(tensor.name, tensor));
}

/** The head alone, as files of tensors see a model. */
function asModel(model: ExportedModel, { tensors, delta }: ExportedHead): ExportedModel {
  return { ...model, tensors, delta };
}
