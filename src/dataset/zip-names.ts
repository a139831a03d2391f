import { encodings, westernScores } from './name-encodings';

/** What is needed of a zip's entry to read its name. */
export interface NamedEntry {
  /** The name as zip.js reads it: by its UTF-8 flag or its Unicode path field, else as code page 437. */
  readonly filename: string;
  readonly rawFilename: Uint8Array;
  readonly filenameUTF8: boolean;
  readonly extraFieldUnicodePath?: { readonly valid?: boolean } | undefined;
}

/**
 * Names of a zip's entries. The format knows code page 437 and, by a flag, UTF-8; yet programs write unflagged UTF-8 and, on Windows, the code
 * page of the country. All unflagged names of a zip are read in one encoding: UTF-8 where they are valid as such, else the one in which they
 * read most like text.
 */
export function entryNames(entries: readonly NamedEntry[]): string[] {
  const foreign = entries.filter(isUnknown);
  const encoding = foreign.length === 0 ? null : encodingOf(foreign);
  const decoder = encoding === null ? null : new TextDecoder(encoding);
  return entries.map((entry) =>
    decoder !== null && isUnknown(entry) ? decoder.decode(entry.rawFilename) : entry.filename,
  );
}

/** True for a name beyond ASCII of which the zip does not say how it is written. */
function isUnknown({ rawFilename, filenameUTF8, extraFieldUnicodePath }: NamedEntry): boolean {
  return !filenameUTF8 && extraFieldUnicodePath?.valid !== true && rawFilename.some((byte) => byte >= 0x80);
}

/** Null for code page 437, as which zip.js has read the names already. */
function encodingOf(entries: readonly NamedEntry[]): string | null {
  // Folders count once, however many files they hold: the parts of paths are judged, not the paths.
  const parts = new Map<string, Uint8Array>();
  for (const { rawFilename } of entries) {
    for (const part of splitAtSlashes(rawFilename)) {
      if (part.some((byte) => byte >= 0x80)) parts.set(part.join(), part);
    }
  }
  const names = [...parts.values()];
  if (names.every((name) => decode(name, 'utf-8') !== null)) return 'utf-8';
  let best: string | null = null;
  let highest = average(entries.flatMap(({ filename }) => westernScores(filename)));
  for (const { label, scores } of encodings) {
    const read = names.map((name) => decode(name, label));
    if (read.includes(null)) continue;
    const score = average(names.flatMap((name, i) => scores(name, read[i] ?? '')));
    if (score <= highest + 1e-6) continue;
    best = label;
    highest = score;
  }
  return best;
}

function decode(bytes: Uint8Array, label: string): string | null {
  try {
    return new TextDecoder(label, { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

function splitAtSlashes(bytes: Uint8Array): Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (let start = 0; start < bytes.length;) {
    const slash = bytes.indexOf(0x2f, start);
    const end = slash < 0 ? bytes.length : slash;
    parts.push(bytes.subarray(start, end));
    start = end + 1;
  }
  return parts;
}

const average = (scores: readonly number[]): number =>
  scores.reduce((sum, score) => sum + score, 0) / Math.max(1, scores.length);
