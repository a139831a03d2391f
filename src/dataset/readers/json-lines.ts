import { DatasetError } from '../errors';
import type { SourceFile } from '../source';
import { decodeText, textPieces } from '../text';
import { isObject, probedRows, tableOf, type Row, type Table } from './rows';

/**
 * Reads JSON Lines: one object a line. Objects that follow each other on one line, or spread over several, are read as well. The text is gone
 * through once before its rows are given, since a column may be named for the first time, and a mistake lie, at its end.
 * @throws DatasetError `unreadable`: the first line that is no JSON object
 */
export async function readJsonLines(file: SourceFile): Promise<Table> {
  const columns = new Set<string>();
  const first: Row[] = [];
  try {
    for await (const row of objectLines(file)) {
      for (const name of Object.keys(row.values)) columns.add(name);
      if (first.length < probedRows) first.push(row);
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
  return { columns: [...columns], header: 'given', first, rows: () => objectLines(file) };
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
async function* objectLines(file: SourceFile): AsyncGenerator<Row> {
  let number = 0;
  for await (const line of lines(file)) {
    number += 1;
    if (line.trim() === '') continue;
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch (cause) {
      throw new NotJson(number, { cause });
    }
    // A list that is written on one line.
    const objects: readonly unknown[] = Array.isArray(value) && value.length > 0 ? value : [value];
    if (!objects.every(isObject)) {
      throw new DatasetError(
        'unreadable',
        `${file.path}, line ${number}, is not a JSON object such as {"file_name": …, "text": …}.`,
      );
    }
    for (const values of objects) yield { number, values };
  }
}

async function* lines(file: SourceFile): AsyncGenerator<string> {
  let begun: string[] = [];
  for await (const piece of textPieces(file)) {
    const [end = '', ...others] = piece.split('\n');
    begun.push(end);
    const last = others.pop();
    if (last === undefined) continue;
    yield begun.join('');
    yield* others;
    begun = [last];
  }
  yield begun.join('');
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
