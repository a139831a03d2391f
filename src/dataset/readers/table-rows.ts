import { baseName } from '../paths';
import { splitNamed, splitOfTable } from '../split-names';
import type { FieldValue, Rejection, Split } from '../types';
import { questionFields } from '../questions';
import { captionsIn, pictureIn, turnsIn } from './cells';
import { turnColumns, type TableColumns } from './columns';
import { fieldIn } from './fields';
import { captionOfClass, type Findings, type Listing, type Statement } from './reader';
import type { Ambiguity } from './resolve';
import type { Row, Table } from './rows';

/** A table with the file that it is from and what its columns hold. */
export interface NamedTable {
  readonly path: string;
  readonly table: Table;
  readonly columns: TableColumns;
}

/** What a table says, as its rows are read. Rows that name no picture at hand are reported, unless the table itself is. */
export async function* statementsOf(
  named: NamedTable,
  listing: Listing,
  findings: Findings,
): AsyncGenerator<readonly Statement[]> {
  const rows = new Rows(named, listing);
  for await (const some of named.table.rows()) yield some.flatMap((row) => rows.statementOf(row) ?? []);
  if (named.columns.lack === null) for (const problem of rows.problems()) findings.rejected.push(problem);
  const note = rows.noteOnNameless();
  if (note !== null) findings.notes.push(note);
}

/** Finds the pictures that rows name, and remembers those that it does not find. */
class Rows {
  private readonly unfit: Rejection[] = [];
  private readonly missing: Rejection[] = [];
  /** Numbers of the rows that name no picture. */
  private readonly nameless: number[] = [];
  private fits = false;
  private readonly splitOfAll: Split | null;

  constructor(
    private readonly named: NamedTable,
    private readonly listing: Listing,
  ) {
    this.splitOfAll = splitOfTable(named.path);
  }

  /** Null for a row that names no picture at hand. */
  statementOf(row: Row): Statement | null {
    const { path, columns } = this.named;
    const name = pictureIn(row.values[columns.image]);
    if (name === '') {
      this.nameless.push(row.number);
      return null;
    }
    const target = this.listing.index.find(name, path);
    if (target === null) {
      // A file that is here but can be no picture is reported by itself.
      if (!this.listing.otherNames.has(baseName(name).toLowerCase()))
        this.missing.push({ path: name, reason: missingReason(name, path, row.number) });
      return null;
    }
    this.fits = true;
    if ('candidates' in target) {
      this.unfit.push({ path: name, reason: ambiguousReason(target, path, row.number) });
      return null;
    }
    const captions = columns.caption === null ? [] : captionsIn(row.values[columns.caption]);
    const labels = captions.flatMap((label) => separated(label, columns, columns.caption ?? ''));
    const split = columns.split === null ? null : row.values[columns.split];
    return {
      target,
      captions: columns.classes ? labels.map(captionOfClass) : captions,
      split: (typeof split === 'string' ? splitNamed(split) : null) ?? this.splitOfAll,
      ...(columns.others.length > 0 && { fields: fieldsOf(row, columns) }),
    };
  }

  /** That rows without a picture are left out, since each sample is a picture; null where all name one. */
  noteOnNameless(): string | null {
    const [first, ...others] = this.nameless;
    if (first === undefined || others.length === 0) return null;
    const rows = `${this.nameless.length.toLocaleString('en')} rows of ${baseName(this.named.path)}`;
    return `${rows} name no picture (the first is row ${first}) and were left out: every sample here is a picture, with or without words.`;
  }

  problems(): readonly Rejection[] {
    const { path, columns } = this.named;
    const [nameless] = this.nameless;
    if (nameless !== undefined) {
      const others = this.nameless.length - 1;
      const rows =
        others === 0
          ? `Row ${nameless} names no picture in its column "${columns.image}" and was left out. Fill it in or delete the row.`
          : `Row ${nameless} names no picture in its column "${columns.image}", nor do ${others.toLocaleString('en')} more; they were left out. Fill them in or delete the rows.`;
      this.unfit.unshift({ path, reason: rows });
    }
    const [first] = this.missing;
    if (this.fits || first === undefined || this.missing.length < 2) return [...this.unfit, ...this.missing];
    return [...this.unfit, { path: this.named.path, reason: strangeReason(this.missing.length, first) }];
  }
}

function fieldsOf({ values }: Row, columns: TableColumns): Readonly<Record<string, FieldValue>> {
  const fields = Object.fromEntries(
    columns.others.flatMap(({ name }): (readonly [string, FieldValue])[] => {
      const value = Object.hasOwn(values, name) ? fieldIn(values[name]) : null;
      if (value === null) return [];
      const parts = typeof value === 'string' ? separated(value, columns, name) : [];
      return [[name, parts.length > 1 ? parts : value]];
    }),
  );
  if (!columns.turns) return fields;
  return { ...fields, ...questionFields(turnColumns, turnsIn(values[columns.caption ?? ''])) };
}

/** The labels in a text. */
function separated(text: string, { separators }: TableColumns, name: string): string[] {
  const separator = separators.get(name);
  const parts = separator === undefined ? [text] : text.split(separator);
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}

const isAddress = (name: string): boolean => /^https?:\/\//i.test(name);

const whereNamed = (path: string, row: number): string => `Named in row ${row} of ${path}`;

function missingReason(name: string, path: string, row: number): string {
  return isAddress(name)
    ? `${whereNamed(path, row)} as a web address. Pictures are read from files only; download it and name the file.`
    : `${whereNamed(path, row)}, but not among the files. Add the picture or delete the row.`;
}

function ambiguousReason({ candidates }: Ambiguity, path: string, row: number): string {
  const some = candidates.slice(0, 3).join(', ');
  return `${whereNamed(path, row)}, but ${candidates.length} pictures have that name (${some}). Write the path with its folder.`;
}

/** For a table of which no row fits: one sentence instead of one a row. */
function strangeReason(rows: number, example: Rejection): string {
  const all = `All ${rows.toLocaleString('en')} rows`;
  return isAddress(example.path)
    ? `${all} name their pictures by web addresses (such as ${example.path}), which are not fetched. Download the pictures (img2dataset does that) and add them together with the captions that it writes.`
    : `${all} name pictures that are not among the files (such as ${example.path}). Add the pictures together with the table.`;
}
