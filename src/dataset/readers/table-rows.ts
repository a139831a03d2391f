import { baseName } from '../paths';
import { splitNamed, splitOfTable } from '../split-names';
import type { FieldValue, Rejection, Split } from '../types';
import { captionsIn, pictureIn } from './cells';
import type { TableColumns } from './columns';
import { fieldIn, isInRows } from './fields';
import { captionOfClass, type Listing, type Statement } from './reader';
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
  rejected: Rejection[],
): AsyncGenerator<readonly Statement[]> {
  const rows = new Rows(named, listing);
  for await (const some of named.table.rows()) yield some.flatMap((row) => rows.statementOf(row) ?? []);
  if (named.columns.lack === null) for (const problem of rows.problems()) rejected.push(problem);
}

/** Finds the pictures that rows name, and remembers those that it does not find. */
class Rows {
  private readonly unfit: Rejection[] = [];
  private readonly missing: Rejection[] = [];
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
      const reason = `Row ${row.number} names no picture in its column "${columns.image}". Fill it in or delete the row.`;
      this.unfit.push({ path, reason });
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
    const split = columns.split === null ? null : row.values[columns.split];
    return {
      target,
      captions: columns.classes ? captions.map((label) => captionOfClass(label.trim())) : captions,
      split: (typeof split === 'string' ? splitNamed(split) : null) ?? this.splitOfAll,
      ...(columns.others.length > 0 && { fields: fieldsOf(row, columns) }),
    };
  }

  problems(): readonly Rejection[] {
    const [first] = this.missing;
    if (this.fits || first === undefined || this.missing.length < 2) return [...this.unfit, ...this.missing];
    return [...this.unfit, { path: this.named.path, reason: strangeReason(this.missing.length, first) }];
  }
}

function fieldsOf({ values }: Row, { others }: TableColumns): Readonly<Record<string, FieldValue>> {
  return Object.fromEntries(
    others.flatMap(({ name, role }): (readonly [string, FieldValue])[] => {
      const value = Object.hasOwn(values, name) ? fieldIn(values[name]) : null;
      if (value === null) return isInRows(role) ? [[name, '']] : [];
      return [[name, value]];
    }),
  );
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
