import Papa from 'papaparse';
import { DatasetError } from '../errors';
import { extensionOf } from '../paths';
import type { SourceFile } from '../source';
import { textPieces } from '../text';
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
  let dialect = await dialectOf(file);
  let first: readonly string[][];
  try {
    first = await lookThrough(file, dialect);
  } catch (error) {
    if (!(error instanceof BrokenQuoting)) throw error;
    if (dialect.delimiter !== '\t') {
      throw new DatasetError(
        'unreadable',
        `${file.path} has a quotation mark without its partner near row ${error.row + 1}. Close it, or double quotation marks inside a field.`,
      );
    }
    dialect = { ...dialect, fastMode: true };
    first = await lookThrough(file, dialect);
  }
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
      let i = 0;
      for await (const cells of records(file, dialect)) {
        if (i >= skipped) yield rowOf(cells, i);
        i += 1;
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

async function dialectOf(file: SourceFile): Promise<Dialect> {
  let sample = '';
  for await (const text of textPieces(file)) {
    sample += text;
    if (sample.length >= sampled) break;
  }
  const { meta } = Papa.parse<string[]>(sample, {
    delimiter: isTabSeparated(sample, file.path) ? '\t' : '',
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

/** Goes through all records and gives the first ones. @throws BrokenQuoting */
async function lookThrough(file: SourceFile, dialect: Dialect): Promise<readonly string[][]> {
  const first: string[][] = [];
  for await (const record of records(file, dialect)) if (first.length <= probedRows) first.push(record);
  return first;
}

/** What Papa Parse's inner parser gives of a piece of text. */
interface Parsed {
  readonly data: readonly string[][];
  readonly errors: readonly { readonly type: string; readonly row: number }[];
  /** Where the first row begins that may not be complete. */
  readonly meta: { readonly cursor: number };
}

/** The records of a text, those without any text left out, as it is read. @throws BrokenQuoting */
async function* records(file: SourceFile, dialect: Dialect): AsyncGenerator<string[]> {
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
  for await (const piece of textPieces(file)) {
    rest += piece;
    if (rest.length < due) continue;
    // Only whole lines are parsed: a quotation mark at the end of a piece could mean either thing.
    const end = rest.lastIndexOf(dialect.newline);
    if (end >= 0) {
      const { data, meta } = parse(rest.slice(0, end + dialect.newline.length), false);
      yield* data.filter(hasText);
      rest = rest.slice(meta.cursor);
    }
    due = 2 * rest.length;
  }
  if (rest !== '') yield* parse(rest, true).data.filter(hasText);
}

const hasText = (record: readonly string[]): boolean => record.some((cell) => cell.trim() !== '');
