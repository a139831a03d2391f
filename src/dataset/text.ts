import { DatasetError } from './errors';

/**
 * Decodes a caption or table file: UTF-8, or UTF-16 with the byte-order mark that leaves no doubt (Excel's "Unicode text"). The mark is dropped.
 * Guessing at other encodings would put garbled captions into training unseen, so they are refused with the way to mend the file.
 * @throws DatasetError `unreadable`
 */
export function decodeText(bytes: Uint8Array, path: string): string {
  const [first, second] = bytes;
  const mend = 'Save it as UTF-8 (in Excel: "CSV UTF-8"; in an editor: "Save with encoding") and add it again.';
  const utf16 = first === 0xff && second === 0xfe ? 'utf-16le' : first === 0xfe && second === 0xff ? 'utf-16be' : null;
  let text: string;
  try {
    text = new TextDecoder(utf16 ?? 'utf-8', { fatal: true }).decode(bytes);
  } catch {
    if (utf16 !== null) throw new DatasetError('unreadable', `${path} is damaged UTF-16 text. ${mend}`);
    const line = invalidLine(bytes);
    throw new DatasetError(
      'unreadable',
      `${path} is not UTF-8 text (line ${line} has a byte that UTF-8 does not allow; it may be Latin-1 or Windows-1252). ${mend}`,
    );
  }
  if (text.includes('\0')) {
    throw new DatasetError('unreadable', `${path} holds zero bytes: it is UTF-16 or no text at all. ${mend}`);
  }
  return text;
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
