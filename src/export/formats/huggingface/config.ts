import type { Archive } from '../../archive';
import { archivedText, decoded, parsed } from '../../companions';
import { mismatch } from '../../errors';
import { jsonTree, members, replacement, withEdits, withMember, withoutMember } from '../../json-text';
import type { ExportedModel } from '../../model';
import type { ExportPrecision } from '../../options';
import { numberComplaints, numberEdits, towerKeys } from './config-numbers';

/** Names of the entry for the type of the weights; older files use the second. */
const precisionKeys = ['dtype', 'torch_dtype'];

/** The entries that every export changes; it leaves all others as the base has them. */
const changedEntries: ReadonlySet<string> = new Set(['architectures', '_name_or_path', ...precisionKeys]);

/**
 * The base's `config.json` with the precision of the exported weights. Transformers loads weights in the type that the configuration names, so
 * a `float16` left over from the base would round float32 weights; the towers' configurations may carry the entry too. Everything else keeps
 * its spelling, except for numbers in a type that Transformers refuses, as tools in JavaScript write them.
 *
 * @param base the base's file
 * @param model what it describes now: a class, and entries of its own
 */
export function exportedConfig(
  base: Uint8Array | undefined,
  { modelClass, config }: Pick<ExportedModel, 'modelClass' | 'config'>,
  precision: ExportPrecision,
): string {
  let text = base === undefined ? '{}' : new TextDecoder().decode(base);
  text = withEdits(text, [...numberEdits(text), ...precisionEdits(text, precision)]);
  text = withMember(text, 'architectures', [modelClass]);
  for (const [key, value] of Object.entries(config)) text = withMember(text, key, value);
  const named = members(jsonTree(text)).some(({ key }) => precisionKeys.includes(key));
  if (!named) text = withMember(text, 'dtype', precision, 'architectures');
  // A path on the machine that saved the base says nothing here.
  for (const within of [undefined, ...towerKeys]) text = withoutMember(text, '_name_or_path', within);
  return text.endsWith('\n') ? text : `${text}\n`;
}

/** Edits that make every entry for the type of the weights name the exported one. */
function precisionEdits(text: string, precision: ExportPrecision) {
  const root = jsonTree(text);
  const towers = members(root).filter(({ key }) => towerKeys.some((name) => name === key));
  return [root, ...towers.map(({ value }) => value)]
    .flatMap(members)
    .filter(({ key }) => precisionKeys.includes(key))
    .flatMap(({ value }) => replacement(value, JSON.stringify(precision)));
}

/**
 * Reads the configuration of an export back. It describes the base but for what an export changes, in types that Transformers takes: the reader
 * of the studio is not as strict on numbers.
 *
 * @throws ExportError `mismatch`
 */
export async function checkConfig(archive: Archive, file: string, model: ExportedModel): Promise<void> {
  const config = await archivedText(archive, file);
  const before = model.base.companions.get(file);
  const own = new Set([...changedEntries, ...Object.keys(model.config)]);
  const essence = (text: string): string =>
    JSON.stringify(parsed(text, file), (key, value: unknown) => (own.has(key) ? undefined : value));
  if (before !== undefined && essence(config) !== essence(decoded(before, file)))
    throw mismatch(`${file} describes another model than that of the base.`);
  const [complaint] = numberComplaints(config);
  if (complaint !== undefined)
    throw mismatch(`Transformers would refuse its ${file}, where ${complaint}. Mend that of the base model.`);
}
