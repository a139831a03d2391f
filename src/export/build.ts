import { elementCount } from '../engine/graph/ir';
import type { TensorMap } from '../engine/executor';
import { modelTensors } from '../model/architecture';
import type { LoadedModel } from '../model/source';
import { writeSafetensors } from '../model/safetensors';
import { packZip } from './archive';
import { exportedConfig } from './config';
import type { ExportFacts } from './facts';
import { modelCard } from './model-card';
import { trainingRecord } from './training-record';
import { exportedTensors } from './weights';

/** What an export is made of. */
export interface ExportInput {
  readonly model: LoadedModel;
  /** Trained tensors as float32; empty for the base model itself. */
  readonly changed: TensorMap;
  readonly facts: Omit<ExportFacts, 'parameters' | 'trainedParameters' | 'carried'>;
}

/** A Hugging Face model directory as a zip. */
export interface BuiltExport {
  readonly fileName: string;
  readonly zip: Blob;
  readonly tensors: number;
}

/**
 * Builds the zip: `config.json`, `model.safetensors`, tokenizer and preprocessor files, `README.md` and `training.json`, all at its top, so that
 * the unpacked folder loads with `CLIPModel.from_pretrained`.
 * @throws ExportError
 */
export async function buildExport({ model, changed, facts: given }: ExportInput): Promise<BuiltExport> {
  const specs = modelTensors(model.architecture);
  const shapes = new Map(specs.map(({ name, shape }) => [name, shape]));
  const tensors = exportedTensors(model.stored, shapes, changed, given.precision);
  const facts: ExportFacts = {
    ...given,
    carried: [...model.companions.keys()],
    parameters: specs.reduce((sum, { shape }) => sum + elementCount(shape), 0),
    trainedParameters: specs.reduce((sum, { name, shape }) => sum + (changed.has(name) ? elementCount(shape) : 0), 0),
  };
  const encoder = new TextEncoder();
  const files = new Map<string, Uint8Array>([
    ...model.companions,
    ['README.md', encoder.encode(modelCard(facts))],
    [
      'config.json',
      encoder.encode(exportedConfig(model.companions.get('config.json') ?? encoder.encode('{}'), facts.precision)),
    ],
    ['model.safetensors', writeSafetensors(tensors)],
    ['training.json', encoder.encode(trainingRecord(facts))],
  ]);
  return {
    fileName: `${fileStem(facts.name)}.zip`,
    zip: await packZip(files, facts.createdAt),
    tensors: tensors.length,
  };
}

/** A file name that every system takes: letters, digits and dashes. */
export function fileStem(name: string): string {
  const stem = name
    .normalize('NFKD')
    .replace(/[^\w.]+/g, '-')
    .replace(/^[-.]+|(?<![-.])[-.]+$/g, '')
    .slice(0, 60)
    .toLowerCase();
  return stem === '' ? 'fine-tuned-clip' : stem;
}
