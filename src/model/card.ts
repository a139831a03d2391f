import { isMap, isScalar, isSeq, parseDocument, type YAMLMap } from 'yaml';

/** What a model's card (`README.md`) says about its licence in its front matter. */
export interface ModelCard {
  /** Identifiers such as `apache-2.0`: several where the card lists them, none where it gives none. */
  readonly licenses: readonly string[];
  /** `license_name`: what a licence is called that has no identifier. */
  readonly licenseName: string | null;
  /** `license_link`: an address, or a file of the model. */
  readonly licenseLink: string | null;
}

/** As much of a card as is looked at: front matter names the licence at its beginning, and parsing takes a while. */
const mostCharacters = 16 * 1024;
/** Longest text that is taken in, in characters. */
const longestEntry = 200;
/** What YAML does not take as it is: control characters, line separators, halves of characters. */
const unprintable = /[\p{Cc}\p{Cs}\u2028\u2029\ufffe\uffff]/gu;

/**
 * Reads a model card. Whatever is wrong with it, a model opens without its card: what cannot be read counts as not given.
 *
 * @param text undefined when the model has no card
 */
export function readModelCard(text: string | undefined): ModelCard {
  const front = parseFrontMatter(text ?? '');
  const given = (key: string): string[] => (front === null ? [] : texts(front.get(key, true)));
  return {
    licenses: [...new Set(given('license'))],
    licenseName: given('license_name')[0] ?? null,
    licenseLink: given('license_link')[0] ?? null,
  };
}

/** The texts of an entry that is one scalar or a list of scalars, without empty ones. */
function texts(node: unknown): string[] {
  if (isSeq(node)) return node.items.filter(isScalar).flatMap(texts);
  if (!isScalar(node) || typeof node.value !== 'string') return [];
  const plain = node.value.replace(unprintable, ' ').replace(/\s+/g, ' ');
  const line = [...plain.trim()].slice(0, longestEntry).join('').trim();
  return /^(?:|~|null)$/i.test(line) ? [] : [line];
}

/** The licence in one line; null where the card gives none. */
export function licenseText({ licenses, licenseName }: ModelCard): string | null {
  if (licenses.length === 0) return licenseName;
  const list = licenses.join(', ');
  return licenseName === null ? list : `${list} (${licenseName})`;
}

/** The file of the model that a licence's link names; null for an address, a path or a file of another kind. */
export function licenseFile({ licenseLink }: ModelCard): string | null {
  const name = (licenseLink ?? '').replace(/^\.\//, '');
  const isText = /^[\w-][\w. -]*\.(?:md|txt|rst|html|pdf)$|^[\w-][\w -]*$/i.test(name);
  return isText && name.toLowerCase() !== 'readme.md' ? name : null;
}

function parseFrontMatter(text: string): YAMLMap | null {
  const lines = text.slice(0, mostCharacters).split(/\r\n|\r|\n/);
  const start = lines.findIndex((line) => line.trim() !== '');
  if (lines[start]?.trim() !== '---') return null;
  const end = lines.findIndex((line, index) => index > start && line.trimEnd() === '---');
  if (end < 0 && text.length <= mostCharacters) return null;
  // Every scalar as the text that it is: a licence called `no` or `1.0` is no boolean and no number. Only the tree is used: turning all of a
  // stranger's file into values takes exponential time where collections serve as keys.
  const { contents } = parseDocument(lines.slice(start + 1, end < 0 ? undefined : end).join('\n'), {
    schema: 'failsafe',
    uniqueKeys: false,
    logLevel: 'silent',
    prettyErrors: false,
  });
  return isMap(contents) ? contents : null;
}
