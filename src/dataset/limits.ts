import { DatasetError, formatBytes } from './errors';
import type { SourceFile } from './source';

/** Largest file of each kind that is read, in bytes. */
export const fileLimits = {
  /** Browsers refuse single records of somewhat more. */
  picture: 100e6,
  /** Some two million captions; a table is held as text and as rows at once. */
  table: 200e6,
  /** The captions of one picture. */
  captions: 1e6,
} as const;

/** Longest caption in characters. CLIP reads 77 tokens, which are a few hundred. */
const captionCharacters = 10_000;
/** Most captions of a picture. */
const captionsOfPicture = 1_000;

const advice: Readonly<Record<keyof typeof fileLimits, string>> = {
  picture: 'Save it as JPEG or scale it down.',
  table: 'Split it into several tables.',
  captions: 'A caption file holds the captions of one picture, one a line; shorten it.',
};

/**
 * Reads a file unless it is larger than files of its kind may be.
 * @throws DatasetError `unreadable` with its size and the limit, and what `read` throws
 */
export async function readWithin(file: SourceFile, kind: keyof typeof fileLimits): Promise<Uint8Array<ArrayBuffer>> {
  checkSize(file, kind);
  return file.read();
}

/** @throws DatasetError `unreadable` for a file that is larger than files of its kind may be, with its size and the limit */
export function checkSize(file: SourceFile, kind: keyof typeof fileLimits): void {
  const limit = fileLimits[kind];
  if (file.size <= limit) return;
  const sizes = `${file.path} has ${formatBytes(file.size)}, over the limit of ${formatBytes(limit)}`;
  throw new DatasetError('unreadable', `${sizes}. ${advice[kind]}`);
}

/** Those captions of a picture that may be stored, and what is wrong with the others in sentences for the user. */
export function captionsWithin(captions: readonly string[]): {
  readonly captions: readonly string[];
  readonly problems: readonly string[];
} {
  const short = captions.filter(({ length }) => length <= captionCharacters);
  const problems: string[] = [];
  const long = captions.length - short.length;
  if (long > 0) {
    const longest = captions.reduce((most, { length }) => Math.max(most, length), 0);
    const which = long === 1 ? 'A caption has' : `${number(long)} captions have up to`;
    problems.push(`${which} ${number(longest)} characters, over the limit of ${number(captionCharacters)}.`);
  }
  if (short.length > captionsOfPicture) {
    problems.push(`There are ${number(short.length)} captions, over the limit of ${number(captionsOfPicture)}.`);
  }
  return { captions: short.slice(0, captionsOfPicture), problems };
}

const number = (value: number): string => value.toLocaleString('en');
