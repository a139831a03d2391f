import { useMemo } from 'react';
import { coloursOf, nextColour } from '../runs/colours';
import { blockingReason } from '../recipe/checks';
import { summarize } from '../recipe/describe';
import { usableRuns } from '../stores/chosenWeights';
import { useDataStore } from '../stores/data';
import { useModelStore } from '../stores/model';
import { runResult } from '../pages/runs/result';
import { useReadiness } from '../pages/useReadiness';
import { useSplitCounts } from '../pages/useSplitCounts';
import { useRecipeStore } from '../stores/recipe';
import { useRunStore, type StoredRun } from '../stores/run';
import { valueOf } from '../tasks/metrics';
import { stageViews, type StageView } from './stages';

/** What the rail shows. All of it follows from the stores and is kept nowhere else, so that rail and pages cannot disagree. */

/** A run as the rail lists it. */
export interface RunView {
  readonly id: string;
  readonly name: string;
  /** `now`, `R@1 42 %`, `failed`. */
  readonly note: string;
  /** Of the run colours, from 1. */
  readonly colour: number;
}

/** Runs shown at once; the rest are reached from the runs' own pages. */
const shownRuns = 12;

/** The stages with their states, put together from the stores. */
export function useStages(): readonly StageView[] {
  const loaded = useDataStore((state) => state.loaded);
  const importing = useDataStore((state) => state.importing?.task ?? null);
  const pictures = useDataStore((state) => state.images.length);
  const model = useModelStore((state) => state.model);
  const opening = useModelStore((state) => state.opening?.task ?? null);
  const modelProblem = useModelStore((state) => state.problem);
  const recipe = useRecipeStore((state) => state.recipe);
  const active = useRunStore((state) => state.active);
  const finished = useRunStore(({ runs, unstored }) => usableRuns(runs, unstored).length);
  const { withoutCaption } = useSplitCounts();
  const findings = useReadiness();
  return stageViews({
    loaded,
    importing,
    pictures,
    withoutCaption,
    model,
    opening,
    modelProblem,
    recipe: summarize(recipe),
    blocked: blockingReason(findings),
    warnings: findings.filter(({ where, severity }) => where === 'recipe' && severity === 'warning').length,
    active,
    finished,
  });
}

/** The newest runs with what came of them. */
export function useRunViews(): readonly RunView[] {
  const runs = useRunStore((state) => state.runs);
  const activeId = useRunStore((state) => state.active?.runId ?? null);
  const activeName = useRunStore((state) => state.active?.name ?? null);
  return useMemo(() => {
    const stored = (runs ?? []).filter(({ id }) => id !== activeId).map((run) => ({ ...run, note: noteOf(run) }));
    const now = activeId === null || activeName === null ? [] : [{ id: activeId, name: activeName, note: 'now' }];
    const colours = coloursOf(runs ?? []);
    // A run that is not stored yet will be the newest.
    const next = nextColour(runs ?? []);
    return [...now, ...stored]
      .slice(0, shownRuns)
      .map(({ id, name, note }) => ({ id, name, note, colour: colours.get(id) ?? next }));
  }, [runs, activeId, activeName]);
}

/** The headline of the weights that are kept, or how the run ended where there is none. */
function noteOf(run: StoredRun): string {
  if (run.state === 'failed' || run.state === 'interrupted') return run.state;
  const result = runResult(run);
  if (result === null) return run.state === 'running' ? 'now' : run.state;
  const headline = result.task.headline(result.tuned.metrics);
  const value = valueOf(result.tuned.metrics, headline);
  return `${headline.tag ?? headline.short} ${headline.unit === 'share' ? `${Math.round(100 * value)} %` : value.toFixed(headline.digits)}`;
}
