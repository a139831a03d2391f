import { DatasetError } from '../errors';
import type { SourceFile } from '../source';
import { decodeText, keptBytes, openText, type TextPieces } from '../text';
import { isObject, probedRows, tableOf, type Row, type Table } from './rows';

/**
 * Reads JSON Lines: one object a line. Objects that follow each other on one line, or spread over several, are read as well. The text is gone
 * through once before its rows are given, since a column may be named for the first time, and a mistake lie, at its end.
 * @throws DatasetError `unreadable`: the first line that is no JSON object
 */
export async function readJsonLines(file: SourceFile): Promise<Table> {
  const pieces = await openText(file);
  const columns = new Set<string>();
  const first: Row[] = [];
  const all: (readonly Row[])[] | null = file.size <= keptBytes ? [] : null;
  try {
    for await (const some of objectLines(pieces, file.path)) {
      for (const { values } of some) for (const name of Object.keys(values)) columns.add(name);
      first.push(...some.slice(0, probedRows - first.length));
      all?.push(some);
    }
  } catch (error) {
    if (!(error instanceof NotJson)) throw error;
    const values = readJsonSequence(decodeText(await file.read(), file.path))?.flat();
    if (values?.every(isObject) === true) return tableOf(values);
    throw new DatasetError(
      'unreadable',
      `${file.path}, line ${error.line}, is not JSON. A JSON Lines file holds one object a line; correct that line.`,
      { cause: error.cause },
    );
  }
  return { columns: [...columns], header: 'given', first, rows: () => all ?? objectLines(pieces, file.path) };
}

class NotJson extends Error {
  constructor(
    readonly line: number,
    options: ErrorOptions,
  ) {
    super(undefined, options);
  }
}

/** @throws NotJson; DatasetError `unreadable` for a line that is JSON but no object */
async function* objectLines(pieces: TextPieces, path: string): AsyncGenerator<readonly Row[]> {
  let before = 0;
  for await (const some of lines(pieces)) {
    yield some.flatMap((line, i) => objectsOn(line, before + i + 1, path));
    before += some.length;
  }
}

function objectsOn(line: string, number: number, path: string): readonly Row[] {
  if (line.trim() === '') return [];
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new NotJson(number, { cause });
  }
  // A list may be written on one line.
  const objects: readonly unknown[] = Array.isArray(value) && value.length > 0 ? value : [value];
  if (!objects.every(isObject)) {
    throw new DatasetError(
      'unreadable',
      `${path}, line ${number}, is not a JSON object such as {"file_name": …, "text": …}.`,
    );
  }
  return objects.map((values) => ({ number, values }));
}

async function* lines(pieces: TextPieces): AsyncGenerator<readonly string[]> {
  let begun: string[] = [];
  for await (const piece of pieces()) {
    const [end = '', ...others] = piece.split('\n');
    begun.push(end);
    const last = others.pop();
    if (last === undefined) continue;
    yield [begun.join(''), ...others];
    begun = [last];
  }
  yield [begun.join('')];
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
