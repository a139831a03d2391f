import { differences } from '../recipe/differences';
import { repeatableRecipe } from './repeat';
import type { Run, Since } from './types';

/** What of a run decides which run was before it, and in what they differ. */
type Compared = Pick<Run, 'recipe' | 'base' | 'environment' | 'createdAt'> & {
  readonly dataset: Pick<Run['dataset'], 'id' | 'fingerprint'>;
};

/** Whether two runs had the very same pictures, captions and splits. Runs on other data are not ranked together. */
export function onSameData({ dataset: one }: Pick<Compared, 'dataset'>, { dataset: other }: Pick<Compared, 'dataset'>) {
  return one.fingerprint !== '' && one.fingerprint === other.fingerprint;
}

/** The newest of the runs that began before it on the same data; null where it is the first. */
export function runBefore<Other extends Run>(run: Compared, others: readonly Other[]): Other | null {
  return others
    .filter((other) => other.createdAt < run.createdAt && onSameData(run, other))
    .reduce<Other | null>(
      (newest, other) => (newest === null || other.createdAt > newest.createdAt ? other : newest),
      null,
    );
}

/**
 * In what a run differs from the one before it on the same data: fields of its recipe, the weights that it started from, and what it was computed on.
 *
 * @param others any runs
 */
export function changesSince(run: Compared, others: readonly Run[]): Since | null {
  const before = runBefore(run, others);
  if (before === null) return null;
  const changes = differences(repeatableRecipe(before), run.recipe).map(({ label, from, to }) => ({ label, from, to }));
  if (before.recipe.model === run.recipe.model) {
    const [from, to] = [before.base?.digest ?? null, run.base?.digest ?? null];
    if (from !== null && to !== null && from !== to) {
      changes.push({ label: 'Weights of the base model', from: from.slice(0, 8), to: to.slice(0, 8) });
    }
  }
  const [from, to] = [before.environment.backend, run.environment.backend];
  if (from !== to) changes.push({ label: 'Computed on', from, to });
  return { id: before.id, name: before.name, changes };
}

/** What changed in one line: `learning rate 1e-4 → 3e-4, epochs 5 → 10`. */
export function sinceText({ changes }: Since): string {
  if (changes.length === 0) return 'nothing: the same again';
  return changes
    .map(({ label, from, to }) => `${label.charAt(0).toLowerCase()}${label.slice(1)} ${from} → ${to}`)
    .join(', ');
}
