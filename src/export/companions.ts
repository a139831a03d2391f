import { readModelCard } from '../model/card';
import type { LoadedModel } from '../model/source';
import type { Archive } from './archive';
import { sameBytes } from './compare';
import { mismatch } from './errors';
import type { ExportFile } from './export-file';

/** The base's files that go along as they are. */

export function companionFiles({ companions }: LoadedModel, names: readonly string[]): ExportFile[] {
  return names.flatMap((name) => {
    const bytes = companions.get(name);
    return bytes === undefined ? [] : [{ name, pieces: [bytes], compress: true }];
  });
}

/**
 * Reads back what goes along with every export: files of the base, the card and the record of the training.
 *
 * @param names of the base's files that are to be there, byte for byte
 * @throws ExportError `mismatch`
 */
export async function checkCompanions(archive: Archive, base: LoadedModel, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const before = base.companions.get(name);
    const after = await archive.entry(name)?.read();
    if (before === undefined) continue;
    if (after === undefined) throw mismatch(`it lacks ${name}, which the base model has.`);
    if (!sameBytes(after, before)) throw mismatch(`${name} is not as the base model has it.`);
    if (name.endsWith('.json')) parsed(decoded(after, name), name);
  }
  checkCard(await archivedText(archive, 'README.md'), base);
  parsed(await archivedText(archive, 'training.json'), 'training.json');
}

/** The card is to be read as the base's own, with the same licence. */
function checkCard(text: string, { card }: LoadedModel): void {
  const after = readModelCard(text);
  const named = (licenses: readonly string[]): string =>
    [...new Set(licenses.map((license) => license.toLowerCase()))].join('\n');
  const same = card.licenses.length === 0 || named(after.licenses) === named(card.licenses);
  if (!same || after.licenseName !== card.licenseName)
    throw mismatch('README.md does not give the licence of the base.');
}

/** @throws ExportError `mismatch` where the file is missing or no text */
export async function archivedText(archive: Archive, name: string): Promise<string> {
  const bytes = await archive.entry(name)?.read();
  if (bytes === undefined) throw mismatch(`it lacks ${name}.`);
  return decoded(bytes, name);
}

export function decoded(bytes: Uint8Array, name: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw mismatch(`${name} is no UTF-8 text.`, cause);
  }
}

export function parsed(json: string, name: string): unknown {
  try {
    return JSON.parse(json) as unknown;
  } catch (cause) {
    throw mismatch(`${name} is no JSON.`, cause);
  }
}
