import { baseName } from '../paths';
import { splitNamed, splitOfTable } from '../split-names';
import type { FieldValue, Rejection } from '../types';
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

/** What a table says, row by row. Rows that name no picture at hand are reported, unless the table itself is. */
export async function* statementsOf(
  { table, path, columns }: NamedTable,
  listing: Listing,
  rejected: Rejection[],
): AsyncGenerator<Statement> {
  const splitOfAll = splitOfTable(path);
  const missing: Rejection[] = [];
  const report = (reason: Rejection): void => void (columns.lack === null && rejected.push(reason));
  let fits = false;
  for await (const row of table.rows()) {
    const name = pictureIn(row.values[columns.image]);
    if (name === '') {
      report({
        path,
        reason: `Row ${row.number} names no picture in its column "${columns.image}". Fill it in or delete the row.`,
      });
      continue;
    }
    const found = listing.index.find(name, path);
    if (found === null) {
      // A file that is here but can be no picture is reported by itself.
      if (!listing.otherNames.has(baseName(name).toLowerCase()))
        missing.push({ path: name, reason: missingReason(name, path, row.number) });
      continue;
    }
    fits = true;
    if ('candidates' in found) {
      report({ path: name, reason: ambiguousReason(found, path, row.number) });
      continue;
    }
    const captions = columns.caption === null ? [] : captionsIn(row.values[columns.caption]);
    const split = columns.split === null ? null : row.values[columns.split];
    yield {
      target: found,
      captions: columns.classes ? captions.map((label) => captionOfClass(label.trim())) : captions,
      split: (typeof split === 'string' ? splitNamed(split) : null) ?? splitOfAll,
      fields: fieldsOf(row, columns),
    };
  }
  const [first] = missing;
  if (!fits && first !== undefined && missing.length > 1)
    report({ path, reason: strangeReason(missing.length, first) });
  else for (const reason of missing) report(reason);
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
