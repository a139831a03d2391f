import { DatasetError } from '../errors';
import { isObject, tableOf, type Table } from './rows';

/**
 * Reads JSON Lines: one object a line. Objects that follow each other on one line, or spread over several, are read as well.
 * @throws DatasetError `unreadable`: the first line that is no JSON object
 */
export function readJsonLines(text: string, path: string): Table {
  const objects: Readonly<Record<string, unknown>>[] = [];
  const lines: number[] = [];
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '') continue;
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch (error) {
      const values = readJsonSequence(text)?.flat();
      if (values?.every(isObject) === true) return tableOf(values);
      throw new DatasetError(
        'unreadable',
        `${path}, line ${i + 1}, is not JSON. A JSON Lines file holds one object a line; mend that line.`,
        { cause: error },
      );
    }
    if (!isObject(value)) {
      throw new DatasetError(
        'unreadable',
        `${path}, line ${i + 1}, is not a JSON object such as {"file_name": …, "text": …}.`,
      );
    }
    objects.push(value);
    lines.push(i + 1);
  }
  return tableOf(objects, (i) => lines[i] ?? i + 1);
}

/** The JSON objects and lists that a text holds one after the other, however they are spread over lines; null when it holds anything else. */
export function readJsonSequence(text: string): unknown[] | null {
  const values: unknown[] = [];
  let start = -1;
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const letter = text.charCodeAt(at);
    if (quoted) {
      if (letter === backslash) at += 1;
      else if (letter === quote) quoted = false;
    } else if (letter === quote && depth > 0) quoted = true;
    else if (letter === openBrace || letter === openBracket) {
      if (depth === 0) start = at;
      depth += 1;
    } else if (letter === closeBrace || letter === closeBracket) {
      depth -= 1;
      if (depth < 0) return null;
      if (depth > 0) continue;
      try {
        values.push(JSON.parse(text.slice(start, at + 1)));
      } catch {
        return null;
      }
    } else if (depth === 0 && !/[\s,;]/.test(text.charAt(at))) return null;
  }
  return depth === 0 && values.length > 0 ? values : null;
}

const [quote, backslash, openBrace, closeBrace, openBracket, closeBracket] = [...'"\\{}[]'].map((letter) =>
  letter.charCodeAt(0),
);
