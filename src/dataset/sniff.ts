import { extensionOf } from './paths';
import { encodingOf } from './text';

/** What a file is by its first bytes, as far as readers need to know. */
export type Content = 'zip' | 'gzip' | 'tar' | 'parquet' | 'json' | 'text' | 'binary';

/** So many bytes are enough to tell; a tar shows itself behind the header of its first file. */
export const sniffedBytes = 1024;

const signatures: readonly (readonly [at: number, text: string, content: Content])[] = [
  [0, 'PK\x03\x04', 'zip'],
  [0, '\x1f\x8b', 'gzip'],
  [0, 'PAR1', 'parquet'],
  [257, 'ustar', 'tar'],
];

/** Tells what a file is by its first bytes; what it is called plays no part. */
export function contentOf(start: Uint8Array): Content {
  const signed = signatures.find(([at, text]) =>
    [...text].every((letter, i) => start[at + i] === letter.charCodeAt(0)),
  );
  if (signed !== undefined) return signed[2];
  const text = new TextDecoder(encodingOf(start)).decode(start);
  if (text.includes('\0')) return 'binary';
  // An object with its first key, or a list of objects: no table with columns begins so.
  return /^\s*(?:\{\s*"|\[\s*\{)/.test(text) ? 'json' : 'text';
}

/** Extensions that say nothing of what a file holds. */
const vagueExtensions = new Set(['', 'bin', 'dat', 'data', 'file', 'tmp', 'download']);

/** True for a name that does not tell what the file holds, so that its content has to. */
export function isVague(path: string): boolean {
  return vagueExtensions.has(extensionOf(path));
}
