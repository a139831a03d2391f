import { tensorValues } from '../../../../model/safetensors';
import type { Archive } from '../../../archive';
import { archivedText, parsed } from '../../../companions';
import { mismatch } from '../../../errors';
import { textFile, type ExportFile } from '../../../format';
import type { ExportedHead, ExportedModel } from '../../../model';
import type { ExportPrecision } from '../../../options';
import type { StoredPlace } from '../../../onnx/graph';
import { plainRule, readTensorFile, tensorFile, tensorPlaces, type TensorRule } from '../../../tensor-file';
import { loaderSource } from './loader';
import { headOnnx } from './onnx';

/** A head in files of its own, beside a model that Transformers loads: what it is, its weights, and what runs it in Python. */

const configFile = 'head.json';
const weightsFile = 'head.safetensors';
const loaderFile = 'head.py';
const onnxFileName = 'model.onnx';
/** The file of the towers' weights. */
const modelFile = 'model.safetensors';

/** @param rules of the file that holds the rest of the model */
export function* headFiles(
  model: ExportedModel,
  { rules, precision }: { readonly rules: readonly TensorRule[]; readonly precision: ExportPrecision },
): Iterable<ExportFile> {
  const { head } = model;
  if (head === undefined) return;
  yield textFile(configFile, `${JSON.stringify(head.config, null, 2)}\n`);
  yield tensorFile(weightsFile, rulesOf(head), asModel(model, head), precision);
  yield textFile(loaderFile, loaderSource);
  yield { name: onnxFileName, pieces: [onnxOf(model, head, rules, precision)], compress: true };
}

/** Largest relative difference that rounding to a precision makes. */
const rounding: Readonly<Record<ExportPrecision, number>> = { float32: 0, float16: 1e-3 };

/**
 * Reads the files of a head back and holds its weights against those that were trained.
 *
 * @throws ExportError `mismatch`
 */
export async function checkHead(
  archive: Archive,
  model: ExportedModel,
  { rules, precision }: { readonly rules: readonly TensorRule[]; readonly precision: ExportPrecision },
): Promise<void> {
  const { head } = model;
  if (head === undefined) return;
  parsed(await archivedText(archive, configFile), configFile);
  await archivedText(archive, loaderFile);
  const computation = await archive.entry(onnxFileName)?.read();
  const wanted = onnxOf(model, head, rules, precision);
  if (computation?.length !== wanted.length || !wanted.every((byte, at) => byte === computation[at]))
    throw mismatch(`${onnxFileName} is not what was to be written.`);
  const trained = new Map<string, Float32Array>();
  for await (const [name, values] of head.delta.read(head.delta.names)) trained.set(name, values);
  const left = new Set(head.tensors.map(({ name }) => name));
  for await (const tensor of readTensorFile(archive, weightsFile, rulesOf(head), asModel(model, head), precision)) {
    const before = trained.get(tensor.name);
    const after = tensorValues(tensor);
    const same = (value: number, index: number): boolean =>
      Math.abs(value - (before?.[index] ?? NaN)) <= rounding[precision] * Math.max(1e-3, Math.abs(value));
    if (before?.length !== after.length || !after.every(same))
      throw mismatch(`${tensor.name} of ${weightsFile} is not what was trained.`);
    left.delete(tensor.name);
  }
  if (left.size > 0) throw mismatch(`${weightsFile} lacks ${[...left].join(', ')}.`);
}

function onnxOf(
  model: ExportedModel,
  head: ExportedHead,
  rules: readonly TensorRule[],
  precision: ExportPrecision,
): Uint8Array<ArrayBuffer> {
  const placed = (file: string, places: ReturnType<typeof tensorPlaces>): readonly (readonly [string, StoredPlace])[] =>
    [...places].map(([name, place]) => [name, { file, type: precision, ...place }]);
  return headOnnx(
    model,
    head,
    new Map([
      ...placed(modelFile, tensorPlaces(rules, model, precision)),
      ...placed(weightsFile, tensorPlaces(rulesOf(head), head, precision)),
    ]),
  );
}

function rulesOf({ tensors }: ExportedHead) {
  return tensors.map((tensor) => plainRule(tensor.name, tensor));
}

/** The head alone, as files of tensors see a model. */
function asModel(model: ExportedModel, { tensors, delta }: ExportedHead): ExportedModel {
  return { ...model, tensors, delta };
}
