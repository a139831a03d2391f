import { ExportError } from '../errors';
import type { ExportFormat } from '../format';
import type { ExportedModel } from '../model';
import type { ExportOptions } from '../options';
import { huggingface } from './huggingface/format';
import { formatDescriptions, type FormatId } from './index';
import { openclip } from './openclip/format';

/** How each export format is written and read back, in the worker. */
export const exportFormats: Readonly<Record<FormatId, ExportFormat>> = { huggingface, openclip };

/**
 * The format that was asked for, and what was chosen of its options.
 *
 * @throws ExportError `unsupported` for a format or options that are not known
 */
export function chosenFormat(
  id: string,
  options: unknown,
): { readonly format: ExportFormat; readonly options: ExportOptions } {
  const description = formatDescriptions.find((each) => each.id === id);
  const chosen = description?.options.safeParse(options);
  if (description === undefined || chosen?.success !== true)
    throw new ExportError(
      'unsupported',
      'This version of the studio does not know the chosen format or its options. Reload the page.',
    );
  return { format: exportFormats[description.id], options: chosen.data };
}

/** By id, why formats cannot hold a model; those that can are left out. */
export function obstacles(model: ExportedModel): Readonly<Record<string, string>> {
  const found = Object.entries(exportFormats).map(([id, format]) => [id, format.obstacle(model)] as const);
  return Object.fromEntries(found.flatMap(([id, obstacle]) => (obstacle === null ? [] : [[id, obstacle]])));
}
