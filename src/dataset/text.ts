import { DatasetError } from './errors';
import type { SourceFile } from './source';

/**
 * Decodes a caption or table file: UTF-8, or UTF-16 with the byte-order mark that leaves no doubt (Excel's "Unicode text"). The mark is dropped.
 * Guessing at other encodings would put garbled captions into training unseen, so they are refused with what to do about it.
 * @throws DatasetError `unreadable`
 */
export function decodeText(bytes: Uint8Array, path: string): string {
  const advice = 'Save it as UTF-8 (in Excel: "CSV UTF-8"; in an editor: "Save with encoding") and add it again.';
  const encoding = encodingOf(bytes);
  let text: string;
  try {
    text = new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    if (encoding !== 'utf-8') throw new DatasetError('unreadable', `${path} is damaged UTF-16 text. ${advice}`);
    const line = invalidLine(bytes);
    throw new DatasetError(
      'unreadable',
      `${path} is not UTF-8 text (line ${line} has a byte that UTF-8 does not allow; it may be Latin-1 or Windows-1252). ${advice}`,
    );
  }
  if (text.includes('\0')) {
    throw new DatasetError('unreadable', `${path} holds zero bytes: it is UTF-16 or no text at all. ${advice}`);
  }
  return text;
}

/** The encoding that the byte-order mark tells; UTF-8 where there is none. */
export function encodingOf([first, second]: Uint8Array): 'utf-8' | 'utf-16le' | 'utf-16be' {
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  return first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8';
}

/** Number of the first line that is not UTF-8. A line feed byte never lies within a UTF-8 character, so lines can be tried one by one. */
function invalidLine(bytes: Uint8Array): number {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let line = 1;
  for (let start = 0; start < bytes.length; line += 1) {
    const feed = bytes.indexOf(10, start);
    const end = feed < 0 ? bytes.length : feed + 1;
    try {
      decoder.decode(bytes.subarray(start, end));
    } catch {
      return line;
    }
    start = end;
  }
  return line;
}

/** Texts of files up to this size are decoded at once and kept; those of larger ones come piece by piece each time, to have room. */
export const keptBytes = 64e6;

/** Gives a text from the start each time it is called, in one piece or several. */
export type TextPieces = () => AsyncIterable<string> | Iterable<string>;

/** @throws DatasetError `unreadable`, at the latest when the text is gone through */
export async function openText(file: SourceFile): Promise<TextPieces> {
  if (file.size > keptBytes) return () => textPieces(file);
  const text = decodeText(await file.read(), file.path);
  return () => [text];
}

/**
 * Decodes a text piece by piece, by the same rules.
 * @throws DatasetError `unreadable`, where a piece is no such text
 */
async function* textPieces(file: SourceFile): AsyncGenerator<string> {
  let decoder: TextDecoder | null = null;
  for await (const bytes of file.pieces()) {
    // A mark that is cut in two would be missed, but pieces are never that small.
    decoder ??= new TextDecoder(encodingOf(bytes), { fatal: true });
    yield await decoded(decoder, bytes, true, file);
  }
  if (decoder !== null) yield await decoded(decoder, new Uint8Array(), false, file);
}

async function decoded(
  decoder: TextDecoder,
  bytes: Uint8Array<ArrayBuffer>,
  stream: boolean,
  file: SourceFile,
): Promise<string> {
  let text: string | null = null;
  try {
    text = decoder.decode(bytes, { stream });
  } catch {
    // Which line it is takes the whole text to say.
  }
  return text === null || text.includes('\0') ? decodeText(await file.read(), file.path) : text;
}
