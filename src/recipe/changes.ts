import { z } from 'zod';

/**
 * Changes that a run takes on its way, each behind a step. Whoever trained a run made them by hand, or trouble did; its recipe carries them, so that
 * a run that is made of it takes them by itself at the same steps.
 */

/** The last step before a change takes effect. */
const step = z.int().min(0).max(1_000_000);

export const recipeChangeSchema = z.discriminatedUnion('kind', [
  /** The highest learning rate. */
  z.strictObject({ kind: z.literal('rate'), step, to: z.number().min(1e-12).max(1) }),
  /** Steps of the whole run. */
  z.strictObject({ kind: z.literal('length'), step, to: z.int().min(1).max(1_000_000) }),
  /** In how many parts a batch is computed. */
  z.strictObject({ kind: z.literal('micro-batches'), step, to: z.int().min(1).max(1024) }),
  /** An evaluation where none is due. */
  z.strictObject({ kind: z.literal('evaluation'), step }),
  /** The patience of an early stop, which had an end, begins anew. */
  z.strictObject({ kind: z.literal('patience'), step }),
]);
export type PlannedChange = Readonly<z.infer<typeof recipeChangeSchema>>;

/** More are no recipe any more, and would not fit into a link. */
export const mostChanges = 40;

export function sameChange(a: PlannedChange, b: PlannedChange): boolean {
  return a.kind === b.kind && a.step === b.step && ('to' in a ? a.to : null) === ('to' in b ? b.to : null);
}

/** A learning rate that somebody or something has set, short: `3.33e-5`. */
export function rateText(rate: number): string {
  return Number(rate.toPrecision(3)).toExponential();
}

/** A change in words, to stand behind where it is made: `learning rate 3e-5`. */
export function changeText(change: PlannedChange): string {
  switch (change.kind) {
    case 'rate':
      return `learning rate ${rateText(change.to)}`;
    case 'length':
      return `${change.to.toLocaleString('en')} steps in all`;
    case 'micro-batches':
      return `batches in ${change.to} parts`;
    case 'evaluation':
      return 'one more evaluation';
    case 'patience':
      return 'patience anew';
    default:
      return change satisfies never;
  }
}

/** All of them in a line, `none` where there are none. */
export function changesText(changes: readonly PlannedChange[]): string {
  const texts = changes.map((change) => `after step ${change.step}: ${changeText(change)}`);
  return texts.length === 0 ? 'none' : texts.join(', ');
}

/** What follows rate and length in a short line, since changes are made to them: ` · 2 changes on the way`; empty where there are none. */
export function changesSummary({ length }: readonly PlannedChange[]): string {
  return length === 0 ? '' : ` · ${length} ${length === 1 ? 'change' : 'changes'} on the way`;
}

/** The steps that a run has in the end, of those that it is planned with. */
export function stepsAfter(changes: readonly PlannedChange[], planned: number): number {
  return changes.reduce(
    (total, change) => (change.kind === 'length' && change.step <= total ? Math.max(change.step, change.to) : total),
    planned,
  );
}
