import { optionLabel, summarize } from '../../recipe/describe';
import type { SweepTrial } from '../../protocol/sweep-trial';
import { sinceText } from '../../runs/since';
import type { Run } from '../../runs/types';
import { testResult } from '../../runs/tested';
import type { GroupKey, RunTableView, SortKey } from '../../stores/runTable';
import { taskIdOf, taskOf } from '../../tasks';
import { valueOf, type Metrics } from '../../tasks/metrics';
import { runResult } from '../runs/result';
import { stateLabel } from '../runs/stateLabel';

/** The table of runs as plain rows: which are shown, in which order, and under which headings. */

export type TableRow<R extends Run = Run> =
  | { readonly kind: 'group'; readonly key: string; readonly label: string; readonly runs: readonly R[] }
  | { readonly kind: 'run'; readonly key: string; readonly run: R };

/** Whether runs are ranked by what they score, which means something only among runs on the same data that teach the same. */
export function ranksResults({ sort }: Pick<RunTableView, 'sort'>): boolean {
  return sort === 'validation' || sort === 'test';
}

/**
 * Rows in their order. Sorted by results, runs stand under their data and task, whatever they are grouped by: others are not comparable.
 *
 * @param sweeps names of the sweeps that are stored, by their ids
 */
export function tableRows<R extends Run>(
  runs: readonly R[],
  options: RunTableView,
  sweeps: ReadonlyMap<string, string> = new Map(),
): readonly TableRow<R>[] {
  const words = options.search.toLowerCase().split(/\s+/u).filter(Boolean);
  const found = runs.filter((run) => {
    const said = saidOf(run, sweeps);
    return words.every((word) => said.includes(word));
  });
  const sorted = sortRuns(found, options);
  const group = ranksResults(options) ? 'comparable' : options.group;
  const row = (run: R, under = ''): TableRow<R> => ({ kind: 'run', key: `${under} ${run.id}`, run });
  if (group === 'none') return sorted.map((run) => row(run));
  const groups = new Map<string, { readonly label: string; readonly runs: R[] }>();
  for (const run of sorted) {
    for (const { key, label } of groupsOf(run, group, sweeps)) {
      const own = groups.get(key) ?? { label, runs: [] };
      own.runs.push(run);
      groups.set(key, own);
    }
  }
  return [...groups].flatMap(([key, { label, runs: members }]): readonly TableRow<R>[] => [
    { kind: 'group', key, label, runs: members },
    ...members.map((run) => row(run, key)),
  ]);
}

function saidOf(run: Run, sweeps: ReadonlyMap<string, string>): string {
  const { name, tags, remarks, dataset, recipe, state, since, sweep } = run;
  const said = [name, ...tags, remarks, dataset.name, recipe.model, summarize(recipe), stateLabel[state]];
  return [...said, since ? sinceText(since) : '', sweep ? sweepNameOf(sweep, sweeps) : ''].join('\n').toLowerCase();
}

function groupsOf(
  run: Run,
  group: Exclude<GroupKey, 'none'> | 'comparable',
  sweeps: ReadonlyMap<string, string>,
): readonly { key: string; label: string }[] {
  const { dataset, recipe, tags, state, sweep } = run;
  const task = optionLabel('task', taskIdOf(recipe));
  // Two versions of a dataset have one name.
  const data = {
    key: dataset.fingerprint || `unknown ${dataset.id}`,
    label: `${dataset.name}, ${dataset.fingerprint.slice(0, 6) || 'unknown'}`,
  };
  switch (group) {
    case 'comparable':
      return [{ key: `${data.key} ${recipe.task.type}`, label: `${data.label} · ${task}` }];
    case 'data':
      return [data];
    case 'task':
      return [{ key: recipe.task.type, label: task }];
    case 'model':
      return [{ key: recipe.model, label: recipe.model }];
    case 'tag':
      return tags.length === 0 ? [{ key: '', label: 'No tag' }] : tags.map((tag) => ({ key: `#${tag}`, label: tag }));
    case 'state':
      return [{ key: state, label: stateLabel[state] }];
    case 'sweep':
      return [
        sweep ? { key: `sweep ${sweep.id}`, label: sweepNameOf(sweep, sweeps) } : { key: '', label: 'In no sweep' },
      ];
  }
}

/** Runs outlive the sweep that they are trials of. */
function sweepNameOf({ id }: SweepTrial, sweeps: ReadonlyMap<string, string>): string {
  return sweeps.get(id) ?? 'A deleted sweep';
}

/** Equal runs keep their order; those of which there is nothing to sort by come last either way. */
function sortRuns<R extends Run>(runs: readonly R[], { sort, descending }: RunTableView): readonly R[] {
  const by = new Map(runs.map((run) => [run, sortedBy(run, sort)]));
  return [...runs].sort((one, other) => {
    const [a, b] = [by.get(one) ?? null, by.get(other) ?? null];
    if (a === null || b === null) return Number(a === null) - Number(b === null);
    const order = typeof a === 'string' || typeof b === 'string' ? String(a).localeCompare(String(b), 'en') : a - b;
    return descending ? -order : order;
  });
}

/** Of results, more is better. */
function sortedBy(run: Run, key: SortKey): string | number | null {
  switch (key) {
    case 'name':
      return run.name;
    case 'data':
      return run.dataset.name;
    case 'state':
      return stateLabel[run.state];
    case 'steps':
      return run.stepsDone;
    case 'time':
      return run.seconds;
    case 'validation':
      return goodness(run, runResult(run)?.tuned.metrics ?? null);
    case 'test':
      return goodness(run, testResult(run)?.tuned ?? null);
    case 'begun':
      return run.createdAt;
  }
}

function goodness({ recipe }: Run, metrics: Metrics | null): number | null {
  if (metrics === null) return null;
  const headline = taskOf(recipe).headline(metrics);
  const value = valueOf(metrics, headline);
  return Number.isFinite(value) ? (headline.better === 'more' ? value : -value) : null;
}
