import papaparse from 'papaparse';
import { evaluationsOf, stepScalars, type RunContent } from './content';

/** Steps and evaluations of a run as CSV (RFC 4180), one row each, with a column `step` first; what was not measured is left empty. */

/** `step,epoch,seconds,loss,…` */
export function stepsTable({ rows }: Pick<RunContent, 'rows'>): string {
  return table(rows.map((row) => ({ step: row.step, epoch: row.epoch, seconds: row.seconds, ...stepScalars(row) })));
}

/** `step,seconds,…`, the base model as step 0. */
export function evaluationsTable(content: Pick<RunContent, 'run'>): string {
  return table(evaluationsOf(content).map(({ step, seconds, metrics }) => ({ step, seconds, ...metrics })));
}

function table(rows: readonly Readonly<Record<string, number>>[]): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const data = rows.map((row) => columns.map((name) => (Number.isFinite(row[name]) ? row[name] : '')));
  return `${papaparse.unparse({ fields: columns, data }, { newline: '\n' })}\n`;
}
