import { numberEdits, towerKeys } from './config-numbers';
import { jsonTree, members, replacement, withEdits, withMember, withoutMember } from './json-text';
import type { ExportPrecision } from './weights';

/** Names of the entry for the type of the weights; older files use the second. */
const precisionKeys = ['dtype', 'torch_dtype'];

/** The entries that an export changes; it leaves all others as the base has them. */
export const changedEntries: ReadonlySet<string> = new Set(['architectures', '_name_or_path', ...precisionKeys]);

/**
 * The base's `config.json` with the precision of the exported weights. Transformers loads weights in the type that the configuration names, so
 * a `float16` left over from the base would round float32 weights; the towers' configurations may carry the entry too. Everything else keeps
 * its spelling, except for numbers in a type that Transformers refuses, as tools in JavaScript write them.
 * @param bytes the base's file
 */
export function exportedConfig(bytes: Uint8Array, precision: ExportPrecision): string {
  let text = new TextDecoder().decode(bytes);
  text = withEdits(text, [...numberEdits(text), ...precisionEdits(text, precision)]);
  text = withMember(text, 'architectures', ['CLIPModel']);
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
