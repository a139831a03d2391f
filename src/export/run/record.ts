import { versionedRecipe } from '../../recipe/migrate';
import { repeatableRecipe } from '../../runs/repeat';
import { takenBy } from '../../runs/taken';
import type { RunContent } from './content';

/**
 * The record of a run as JSON, for programs. Captions and file names stay out of it, and so do names that mean something in one browser alone.
 * The recipe is in the form that the studio takes up again, with what was changed on the way.
 */
export function runRecordJson({ run, sweep }: Pick<RunContent, 'run' | 'sweep'>): string {
  const { dataset, createdAt, endedAt, test, since } = run;
  const record = {
    format: 'vernier-run',
    version: 1,
    ...run,
    id: undefined,
    predictions: undefined,
    sweep: run.sweep ? { name: sweep, trial: run.sweep.trial } : undefined,
    taken: takenBy(run),
    // What became of single samples is told in their words.
    test: test === null ? null : { ...test, changes: undefined },
    ...(since ? { since: { ...since, id: undefined } } : {}),
    recipe: versionedRecipe(repeatableRecipe(run)),
    dataset: { ...dataset, id: undefined },
    createdAt: new Date(createdAt).toISOString(),
    endedAt: endedAt === null ? null : new Date(endedAt).toISOString(),
  };
  return `${JSON.stringify(record, null, 2)}\n`;
}
