import Papa from 'papaparse';
import { DatasetError } from '../errors';
import { extensionOf } from '../paths';
import type { SourceFile } from '../source';
import { keptBytes, openText, type TextPieces } from '../text';
import { probedRows, type Row, type Table } from './rows';

/** Tells whether a first row is a record already and the header missing. */
export type IsRecord = (cells: readonly string[]) => boolean;

/**
 * Reads a CSV or TSV. The delimiter of a CSV is found by looking (comma, tab, semicolon or bar); quoted fields may hold line breaks. A file
 * whose first row is a record has no header. Tab-separated files often know no quoting: where the quotation marks of one do not match
 * up, they are taken as part of the text. The text is gone through once before its rows are given, since a mistake may lie at its end.
 * @throws DatasetError `unreadable`: broken quoting
 */
export async function readDelimited(file: SourceFile, isRecord: IsRecord): Promise<Table> {
  const pieces = await openText(file);
  let dialect = await dialectOf(pieces, file.path);
  let seen: Seen;
  try {
    seen = await lookThrough(pieces, dialect, file.size <= keptBytes);
  } catch (error) {
    if (!(error instanceof BrokenQuoting)) throw error;
    if (dialect.delimiter !== '\t') {
      throw new DatasetError(
        'unreadable',
        `${file.path} has a quotation mark without its partner near row ${error.row + 1}. Close it, or double quotation marks inside a field.`,
      );
    }
    dialect = { ...dialect, fastMode: true };
    seen = await lookThrough(pieces, dialect, file.size <= keptBytes);
  }
  const { first, all } = seen;
  const [head = []] = first;
  const header = isRecord(head) ? 'none' : 'given';
  const names = header === 'none' ? head.map((_, column) => `column ${column + 1}`) : head.map((name) => name.trim());
  const rowOf = (cells: readonly string[], i: number): Row => ({
    number: i + 1,
    values: Object.fromEntries(names.map((name, column) => [name, cells[column]])),
  });
  const skipped = header === 'given' ? 1 : 0;
  return {
    columns: names.filter((name) => name !== ''),
    header,
    first: first.slice(skipped, skipped + probedRows).map((cells, i) => rowOf(cells, i + skipped)),
    async *rows() {
      let before = 0;
      for await (const some of all ?? records(pieces, dialect)) {
        const rows = some.map((cells, i) => rowOf(cells, before + i));
        yield before === 0 ? rows.slice(skipped) : rows;
        before += some.length;
      }
    },
  };
}

/** How a text separates its fields and rows. */
interface Dialect {
  readonly delimiter: string;
  readonly newline: '\r' | '\n' | '\r\n';
  /** True where quotation marks mean nothing. */
  readonly fastMode?: true;
}

class BrokenQuoting extends Error {
  constructor(readonly row: number) {
    super();
  }
}

/** So much of a text tells its dialect, in UTF-16 units. */
const sampled = 1_000_000;

async function dialectOf(pieces: TextPieces, path: string): Promise<Dialect> {
  let sample = '';
  for await (const text of pieces()) {
    sample += text.slice(0, sampled);
    if (sample.length >= sampled) break;
  }
  const { meta } = Papa.parse<string[]>(sample, {
    delimiter: isTabSeparated(sample, path) ? '\t' : '',
    delimitersToGuess: [',', '\t', ';', '|'],
    skipEmptyLines: 'greedy',
    preview: 10,
  });
  return { delimiter: meta.delimiter, newline: meta.linebreak as Dialect['newline'] };
}

/** A `.tsv`, or a text without table extension whose first lines all have a tab. */
function isTabSeparated(text: string, path: string): boolean {
  const extension = extensionOf(path);
  if (extension === 'tsv' || extension === 'csv') return extension === 'tsv';
  const lines = text.slice(0, 10_000).split('\n').slice(0, 10);
  return lines.every((line) => line.trim() === '' || line.includes('\t'));
}

/** The first records of a text, and all of them where it is short enough to keep them. */
interface Seen {
  readonly first: readonly string[][];
  readonly all: readonly (readonly string[][])[] | null;
}

/** Goes through all records. @throws BrokenQuoting */
async function lookThrough(pieces: TextPieces, dialect: Dialect, keeps: boolean): Promise<Seen> {
  const first: string[][] = [];
  const all: (readonly string[][])[] | null = keeps ? [] : null;
  for await (const some of records(pieces, dialect)) {
    first.push(...some.slice(0, probedRows + 1 - first.length));
    all?.push(some);
  }
  return { first, all };
}

/** What Papa Parse's inner parser gives of a piece of text. */
interface Parsed {
  readonly data: readonly string[][];
  readonly errors: readonly { readonly type: string; readonly row: number }[];
  /** Where the first row begins that may not be complete. */
  readonly meta: { readonly cursor: number };
}

/** The records of a text as it is read, those without any text left out. @throws BrokenQuoting */
async function* records(pieces: TextPieces, dialect: Dialect): AsyncGenerator<readonly string[][]> {
  const parser = new Papa.Parser(dialect);
  let rest = '';
  let before = 0;
  const parse = (text: string, isEnd: boolean): Parsed => {
    const parsed = parser.parse(text, 0, !isEnd) as Parsed;
    const broken = parsed.errors.find(({ type }) => type === 'Quotes');
    if (broken !== undefined) throw new BrokenQuoting(before + broken.row);
    before += parsed.data.length;
    return parsed;
  };
  // A row without end, as behind a quotation mark that is never closed, is looked at again only when it has grown to twice its length.
  let due = 0;
  for await (const piece of pieces()) {
    rest += piece;
    if (rest.length < due) continue;
    // Only whole lines are parsed: a quotation mark at the end of a piece could mean either thing.
    const end = rest.lastIndexOf(dialect.newline);
    if (end >= 0) {
      const { data, meta } = parse(rest.slice(0, end + dialect.newline.length), false);
      yield data.filter(hasText);
      rest = rest.slice(meta.cursor);
    }
    due = 2 * rest.length;
  }
  if (rest !== '') yield parse(rest, true).data.filter(hasText);
}

const hasText = (record: readonly string[]): boolean => record.some((cell) => cell.trim() !== '');
