import type { StoredTensor } from '../../model/safetensors';
import type { DescribedModel, LoadedModel } from '../../model/source';
import { heldDelta } from '../../runs/weight-set';
import { openArchive } from '../archive';
import { buildExport, type BuiltExport } from '../build';
import type { ExportContent, ExportFormat } from '../format';
import { wholeModel } from '../model';
import type { ExportPrecision } from '../options';
import { exportFacts } from './facts';
import { randomValues } from './tiny-clip';

/** The projections trained: small changes that float16 can hold only roughly. */
export function trainedProjections(model: LoadedModel): Map<string, Float32Array> {
  const random = randomValues(5);
  return new Map(
    ['visual_projection.weight', 'text_projection.weight', 'logit_scale'].map((name) => [
      name,
      (model.tensors.get(name) ?? new Float32Array()).map((value) => value + 0.001 * random()),
    ]),
  );
}

/** An export of a model in which some tensors were trained. */
export function exported(
  format: ExportFormat,
  model: LoadedModel,
  precision: ExportPrecision,
  changed: ReadonlyMap<string, Float32Array> = trainedProjections(model),
): Promise<BuiltExport> {
  const facts = { ...exportFacts, base: { ...exportFacts.base, card: model.card } };
  return buildExport(format, { model: wholeModel(model, heldDelta(changed)), options: { precision }, facts });
}

/** All of an export that was opened again. */
export async function readExport(
  format: ExportFormat,
  zip: Blob,
  content: ExportContent,
): Promise<{ readonly described: DescribedModel; readonly stored: ReadonlyMap<string, StoredTensor> }> {
  const archive = await openArchive(zip);
  try {
    const { described, tensors } = await format.readBack(archive, content);
    const stored = new Map<string, StoredTensor>();
    for await (const tensor of tensors) stored.set(tensor.name, tensor);
    return { described, stored };
  } finally {
    await archive.close();
  }
}
