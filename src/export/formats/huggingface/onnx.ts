import type { Archive } from '../../archive';
import { mismatch } from '../../errors';
import type { ExportFile } from '../../export-file';
import type { ExportedModel } from '../../model';
import type { StoredPlace } from '../../onnx/graph';
import type { ExportPrecision } from '../../options';
import { tensorPlaces, type TensorRule } from '../../tensor-file';
import { onnxOf } from './computation';
import { headRules, headWeightsFile } from './head/files';

/** What a model with a head computes, for ONNX Runtime and its kin. It lies beside the files of weights, which it reads. */

const onnxFile = 'model.onnx';

interface Weights {
  /** The file of the model's weights, and what is in it. */
  readonly file: string;
  readonly rules: readonly TensorRule[];
  readonly precision: ExportPrecision;
}

export function* computationFiles(model: ExportedModel, weights: Weights): Iterable<ExportFile> {
  const bytes = computationOf(model, weights);
  if (bytes !== null) yield { name: onnxFile, pieces: [bytes], compress: true };
}

/**
 * Reads the file back.
 *
 * @throws ExportError `mismatch`
 */
export async function checkComputation(archive: Archive, model: ExportedModel, weights: Weights): Promise<void> {
  const wanted = computationOf(model, weights);
  if (wanted === null) return;
  const found = await archive.entry(onnxFile)?.read();
  if (found?.length !== wanted.length || !wanted.every((byte, at) => byte === found[at]))
    throw mismatch(`${onnxFile} is not what was to be written.`);
}

/** The bytes of the file; null for a model without a head. */
function computationOf(model: ExportedModel, { file, rules, precision }: Weights): Uint8Array<ArrayBuffer> | null {
  const { computation, head } = model;
  if (computation === undefined) return null;
  const placed = (
    place: string,
    held: readonly TensorRule[],
    tensors: Pick<ExportedModel, 'tensors'>,
  ): readonly (readonly [string, StoredPlace])[] =>
    [...tensorPlaces(held, tensors, precision)].map(([name, at]) => [name, { file: place, type: precision, ...at }]);
  return onnxOf(
    model,
    computation,
    new Map([
      ...placed(file, rules, model),
      ...(head === undefined ? [] : placed(headWeightsFile, headRules(head), head)),
    ]),
  );
}
