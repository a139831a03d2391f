import type { Recipe } from '../recipe/schema';
import type { DescribedModel } from '../model/source';
import type { StoredTensor } from '../model/safetensors';
import type { Archive } from './archive';
import type { ExportFile } from './export-file';
import type { CardFormat, ExportFacts } from './facts';
import type { ExportedModel } from './model';
import type { ExportOptions } from './options';

/** How a model is written, and read back. What the page says of it is its `FormatDescription`. */
export interface ExportFormat {
  /**
   * What the card of a model says of it.
   *
   * @param recipe that it was trained by, where it was
   */
  card(
    model: Pick<ExportedModel, 'family'> & Partial<Pick<ExportedModel, 'config' | 'head'>>,
    recipe?: Pick<Recipe, 'task'>,
  ): CardFormat;
  /** Why it cannot hold a model, in sentences for the user; null where it can. */
  obstacle(model: ExportedModel): string | null;
  /** Names of the base's files that are in the export as they are. */
  carried(model: ExportedModel): readonly string[];
  /** The files one after the other. Weights among them are read while they are written, and may turn out not to be writable. */
  files(content: ExportContent): Iterable<ExportFile>;
  /**
   * Opens what was written as a program of its kind would.
   *
   * @throws ExportError `mismatch` where something is missing, or is not what was to be written
   */
  readBack(archive: Archive, content: ExportContent): Promise<ReadBack>;
}

/** What an export is made from. */
export interface ExportContent {
  readonly model: ExportedModel;
  readonly options: ExportOptions;
  readonly facts: ExportFacts;
}

/** An export that was opened again. */
export interface ReadBack {
  readonly described: DescribedModel;
  /** Its tensors under their names in Transformers, each once, read while they are asked for. Throws where one is missing or damaged. */
  readonly tensors: AsyncIterable<StoredTensor>;
}
