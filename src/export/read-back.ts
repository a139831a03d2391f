import { openZip } from '../dataset/zip';
import { readModelCard } from '../model/card';
import type { ModelFiles } from '../model/files';
import { openModel, type LoadedModel } from '../model/source';
import { changedEntries } from './config';
import { numberComplaints } from './config-numbers';
import { ExportError, sameBytes } from './weights';

/** One of these tells Transformers how pictures become numbers; where a base has neither, opening it has added the second. */
const imageProcessorFiles = ['processor_config.json', 'preprocessor_config.json'] as const;

/**
 * Opens an export the way a stranger would: unpacked from the zip, through the same reader that opens any model. What it computes must equal
 * what was trained, and every file that a program needs must be there as the base model has it, whether that reader looks at it or not.
 * @param base the model that was exported, as it was opened
 * @throws ExportError `mismatch` when the zip cannot be read, or lacks something; ModelError when its model cannot be opened
 */
export async function readExport(zip: Blob, base: LoadedModel): Promise<LoadedModel> {
  const folder = 'export';
  // The limits of dropped zips are for strangers' files; weights may be larger.
  const limits = { entries: 100, entryBytes: 16e9, totalBytes: 16e9, ratio: Number.POSITIVE_INFINITY };
  const opened = await openZip(`${folder}.zip`, zip, limits);
  try {
    const [refused] = opened.rejected;
    if (refused !== undefined) throw mismatch(`it cannot be read back: ${refused.reason}`);
    const entries = new Map(opened.files.map((file) => [file.path.slice(folder.length + 1), file]));
    const files: ModelFiles = {
      place: 'the export',
      read: async (name) => (await entries.get(name)?.read()) ?? null,
    };
    await checkCompanions(files, base);
    await checkCard(files, base);
    parsed(await text(files, 'training.json'), 'training.json');
    return await openModel(files);
  } finally {
    await opened.close();
  }
}

/** Every file of the base is there as it was, except for what an export changes in `config.json`. */
async function checkCompanions(files: ModelFiles, { companions }: LoadedModel): Promise<void> {
  for (const [name, before] of companions) {
    if (name === 'config.json') continue;
    const after = await files.read(name);
    if (after === null) throw mismatch(`it lacks ${name}, which the base model has.`);
    if (!sameBytes(after, before)) throw mismatch(`${name} is not as the base model has it.`);
    if (name.endsWith('.json')) parsed(decoded(after, name), name);
  }
  const config = await text(files, 'config.json');
  const before = companions.get('config.json');
  if (before !== undefined && essence(config) !== essence(decoded(before, 'config.json')))
    throw mismatch('config.json describes another model than that of the base.');
  // The reader of `openModel` is not as strict on types of numbers as Transformers.
  const [complaint] = numberComplaints(config);
  if (complaint !== undefined) {
    throw mismatch(`Transformers would refuse its config.json, where ${complaint}. Mend that of the base model.`);
  }
  const present = await Promise.all(imageProcessorFiles.map((name) => files.read(name)));
  if (present.every((bytes) => bytes === null)) throw mismatch(`it has neither ${imageProcessorFiles.join(' nor ')}.`);
}

/** The card is to be read as the base's own, with the same licence. */
async function checkCard(files: ModelFiles, { card }: LoadedModel): Promise<void> {
  const after = readModelCard(await text(files, 'README.md'));
  const named = (licenses: readonly string[]): string =>
    [...new Set(licenses.map((license) => license.toLowerCase()))].join('\n');
  const same = card.licenses.length === 0 || named(after.licenses) === named(card.licenses);
  if (!same || after.licenseName !== card.licenseName)
    throw mismatch('README.md does not give the licence of the base.');
}

/** What a configuration says besides that which an export may change; key order counts. */
function essence(config: string): string {
  const top = parsed(config, 'config.json');
  return JSON.stringify(top, (key, value: unknown) => (changedEntries.has(key) ? undefined : value));
}

async function text(files: ModelFiles, name: string): Promise<string> {
  const bytes = await files.read(name);
  if (bytes === null) throw mismatch(`it lacks ${name}.`);
  return decoded(bytes, name);
}

function decoded(bytes: Uint8Array, name: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw mismatch(`${name} is no UTF-8 text.`, cause);
  }
}

function parsed(json: string, name: string): unknown {
  try {
    return JSON.parse(json) as unknown;
  } catch (cause) {
    throw mismatch(`${name} is no JSON.`, cause);
  }
}

function mismatch(what: string, cause?: unknown): ExportError {
  return new ExportError('mismatch', `The export was discarded: ${what}`, { cause });
}
