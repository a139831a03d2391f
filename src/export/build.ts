import { elementCount } from '../engine/graph/value';
import { packZip } from './archive';
import type { ExportFacts } from './facts';
import type { ExportContent, ExportFormat } from './format';
import type { ExportedModel } from './model';
import type { ExportOptions } from './options';

/** What an export is made of. */
export interface ExportInput {
  readonly model: ExportedModel;
  readonly options: ExportOptions;
  readonly facts: Omit<ExportFacts, 'family' | 'format' | 'precision' | 'parameters' | 'trainedParameters' | 'carried'>;
}

/** A model directory as a zip. */
export interface BuiltExport {
  readonly fileName: string;
  readonly zip: Blob;
  /** What was written, to hold against what is read back. */
  readonly content: ExportContent;
}

/**
 * Builds the zip. The files lie at its top, so that the unpacked folder is the model.
 *
 * @throws ExportError
 */
export async function buildExport(format: ExportFormat, { model, options, facts }: ExportInput): Promise<BuiltExport> {
  const changed = new Set(model.delta?.names);
  const count = (tensors: ExportedModel['tensors']): number =>
    tensors.reduce((sum, { shape }) => sum + elementCount(shape), 0);
  const content: ExportContent = {
    model,
    options,
    facts: {
      ...facts,
      family: model.base.architecture.family.name,
      format: format.card(model, facts.run?.recipe),
      precision: options.precision,
      carried: format.carried(model),
      parameters: count(model.tensors),
      trainedParameters: count(model.tensors.filter(({ name }) => changed.has(name))),
    },
  };
  return {
    fileName: `${fileStem(facts.name)}.zip`,
    zip: await packZip(format.files(content), facts.createdAt),
    content,
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
