import { useEffect, useMemo } from 'react';
import { duration, plural, threeDigits } from '../components/format';
import { stepsAfter } from '../recipe/changes';
import { blockingReason } from '../recipe/checks';
import { costKey } from '../recipe/cost';
import type { Recipe } from '../recipe/schema';
import { useDataStore } from '../stores/data';
import { useEvaluations } from '../stores/evaluation';
import { useMachineStore } from '../stores/machine';
import { useRecipeStore } from '../stores/recipe';
import { useRunStore } from '../stores/run';
import { useRunTiming } from '../stores/runTiming';
import { planRun, type RunPlan } from '../training/data/plan';
import { runTime, type RunTime } from '../training/data/run-time';
import type { RunTiming } from '../protocol/run-timing';
import { useReadiness } from './useReadiness';
import { useSplitCounts } from './useSplitCounts';

/** How long a run with the recipe in use would take. */
export interface ExpectedTime {
  /** Null while it is not known. */
  readonly known: {
    readonly time: RunTime;
    readonly timing: RunTiming;
    readonly plan: RunPlan;
    readonly seen: boolean;
  } | null;
  /** A few steps are timed now, or in a moment. */
  readonly timing: boolean;
  /** Why it cannot be told; null where nothing is in the way. */
  readonly problem: string | null;
}

/**
 * The time of the run that would begin, by a few steps that are timed while one looks at a page that uses it: as soon as the recipe has settled, all is
 * ready and nothing else is computed. A run, another recipe and leaving the page end the timing.
 */
export function useRunTime(): ExpectedTime {
  const recipe = useRecipeStore((state) => state.recipe);
  const dataset = useDataStore((state) => state.dataset);
  const capabilities = useMachineStore((state) => state.capabilities);
  const blocked = blockingReason(useReadiness()) !== null;
  const training = useRunStore(({ active, runs }) => active !== null || runs?.some(({ state }) => state === 'running'));
  const evaluating = useEvaluations(({ jobs }) => Object.values(jobs).some(({ state }) => state === 'running'));
  const { trainPairs, validation } = useSplitCounts();
  const plan = useMemo(
    () => (trainPairs < 2 ? null : planRun(recipe, trainPairs, validation)),
    [recipe, trainPairs, validation],
  );
  const { asked, answered, timing, problem } = useRunTiming();
  const runs = useRunStore((state) => state.runs);
  const seen = useMemo(() => {
    const cost = costKey(recipe);
    const sameData = runs?.filter((run) => run.dataset.id === dataset?.id) ?? [];
    return plan !== null && sameData.some((run) => run.stepsDone >= plan.stepsPerEpoch && costKey(run.recipe) === cost);
  }, [runs, recipe, dataset, plan]);

  const possible = dataset !== null && capabilities !== null && plan !== null && !blocked && training === false;
  const key =
    possible &&
    JSON.stringify([
      dataset.id,
      capabilities.chosen,
      plan.batchSize,
      plan.microBatches,
      plan.evaluateEvery > 0,
      costKey(recipe),
    ]);
  const wanted = evaluating ? false : key;
  useEffect(() => {
    const { recipe: current } = useRecipeStore.getState();
    const data = useDataStore.getState().dataset;
    if (wanted === false || data === null) return;
    return useRunTiming.getState().ask(wanted, { recipe: current, datasetId: data.id });
  }, [wanted]);

  const known =
    key !== false && answered === key && timing !== null && plan !== null
      ? knownTime(timing, { ...plan, totalSteps: stepsAfter(recipe.changes, plan.totalSteps) }, recipe, seen)
      : null;
  return { known, timing: asked !== null && asked === key, problem: known === null && key !== false ? problem : null };
}

function knownTime(
  timing: RunTiming,
  plan: RunPlan,
  recipe: Recipe,
  seen: boolean,
): NonNullable<ExpectedTime['known']> {
  return { time: runTime(timing, plan, recipe, seen), timing, plan, seen };
}

/** The bounds of a time differ by so much that one number would say too much. */
const wide = 1.3;

/** `about 2 min 10 s`, or from which time to which. */
export function aboutTime({ time: { least, total, most } }: NonNullable<ExpectedTime['known']>): string {
  const shown = (seconds: number): string => duration(Math.max(1, seconds));
  return most > wide * least && shown(most) !== shown(least)
    ? `${shown(least)} to ${shown(most)}`
    : `about ${shown(total)}`;
}

/** What a time is put together of, in words. */
export function timeParts({ time, timing, plan, seen }: NonNullable<ExpectedTime['known']>): string {
  const { evaluationCount, evaluations, firstSight, storing } = time;
  const each = (seconds: number): string => `${threeDigits(seconds)} s`;
  return [
    `${plural(plan.totalSteps, 'step')} of ${each(timing.step)}`,
    ...(evaluationCount > 0
      ? [`${plural(evaluationCount, 'evaluation')} of ${each(evaluations / evaluationCount)}`]
      : []),
    ...(firstSight >= 1 ? [`${duration(firstSight)} to see all pictures for the first time`] : []),
    ...(storing >= 1 ? [`${duration(storing)} to store weights and checkpoints`] : []),
    ...(seen && firstSight === 0 ? ['with what an earlier run has kept of the pictures'] : []),
  ].join(', ');
}

/** What it goes by. */
export function timeBase({ timing }: NonNullable<ExpectedTime['known']>): string {
  return `by ${plural(timing.timedSteps, 'step')} that ${timing.timedSteps === 1 ? 'was' : 'were'} timed on this machine`;
}
