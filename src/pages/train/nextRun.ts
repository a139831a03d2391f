import { differences } from '../../recipe/differences';
import type { Recipe } from '../../recipe/schema';
import type { Run } from '../../runs/types';
import type { LiveRun } from '../../stores/liveRun';
import type { SplitCounts } from '../../stores/readiness';

/** What a run would start from now. */
export interface Setup {
  readonly recipe: Recipe;
  /** Null while there is no dataset. */
  readonly datasetId: string | null;
  readonly counts: SplitCounts;
}

/**
 * Whether a run that started now would be another than the one given: with another recipe, or other data as far as its identity and the sizes of
 * its splits tell.
 *
 * @param stored the given run as it is stored; undefined where it is not
 */
export function wouldDiffer(
  run: Pick<LiveRun, 'recipe' | 'datasetId'>,
  stored: Pick<Run, 'dataset'> | undefined,
  { recipe, datasetId, counts }: Setup,
): boolean {
  if (datasetId !== run.datasetId || differences(run.recipe, recipe).length > 0) return true;
  if (stored === undefined) return false;
  const { train, validation, test } = stored.dataset;
  return train !== counts.train || validation !== counts.validation || test !== counts.test;
}
