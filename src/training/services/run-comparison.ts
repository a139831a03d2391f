import { StudioError } from '../../protocol/errors';
import type { RunCompared, RunsCompared } from '../../protocol/compared';
import type { Requests } from '../../protocol/protocol';
import { readRun } from '../../runs/store';
import { onSameData } from '../../runs/since';
import type { Run } from '../../runs/types';
import { taskIdOf, taskOf } from '../../tasks';
import { compareMeasured } from '../tasks/compare';
import { groupsOf } from '../tasks/groups';
import { everyPlace, partOf, type Measured, type MeasuredSample } from '../tasks/measured';
import { turnedBetween } from '../tasks/outcomes';
import type { TaskReport } from '../tasks/report';
import type { RequestContext } from './dispatcher';
import { askedReport } from './report';
import type { WeightsRegistry } from './weights';

/**
 * Measures the weights of runs on the same pictures and compares each run with the first of them.
 *
 * @throws StudioError `not-found`; `mismatch` where the runs teach different things, were made on other data than each other, or their data has
 * changed since: what one of them has trained on would be a test of the others only; `too-few` when the split is empty
 */
export async function compareRuns(
  registry: Pick<WeightsRegistry, 'find'>,
  { runIds, split }: Requests['compareRuns']['params'],
  context: RequestContext,
): Promise<RunsCompared> {
  const runs = await Promise.all(runIds.map(storedRun));
  const [first] = runs;
  if (first === undefined) throw new StudioError('too-few', 'Choose at least one run.');
  refuseOthers(first, runs);
  const reports: TaskReport[] = [];
  for (const [place, run] of runs.entries()) {
    const part = `${run.name} (${place + 1} of ${runs.length})`;
    const asked = await askedReport(
      registry,
      { weights: { kind: 'run', runId: run.id }, datasetId: run.dataset.id, split },
      { ...context, progress: (progress) => context.progress({ ...progress, label: `${part}: ${progress.label}` }) },
    );
    if (asked.dataChanged) {
      throw new StudioError(
        'mismatch',
        `The pictures, captions or splits of “${run.dataset.name}” have changed since these runs, so that some of its ${split} pictures may have been trained on. What the runs noted at their time can still be compared.`,
      );
    }
    reports.push(await asked.report(asked.options));
    if (place === runs.length - 1) return compared(runs, reports, asked.options, split);
  }
  throw new Error('There is always a last run.');
}

async function storedRun(runId: string): Promise<Run> {
  const run = await readRun(runId);
  if (run === null) throw new StudioError('not-found', 'One of these runs is not stored any more.');
  return run;
}

function refuseOthers(first: Run, runs: readonly Run[]): void {
  for (const run of runs) {
    if (taskIdOf(run.recipe) !== taskIdOf(first.recipe)) {
      throw new StudioError('mismatch', `“${run.name}” and “${first.name}” teach different things.`);
    }
    if (run !== first && !onSameData(run, first)) {
      throw new StudioError(
        'mismatch',
        `“${run.name}” and “${first.name}” were made on other data, or on another split of it: test pictures of one may have been trained on by the other.`,
      );
    }
  }
}

async function compared(
  runs: readonly Run[],
  reports: readonly TaskReport[],
  { view, recipe, progress, pause }: Awaited<ReturnType<typeof askedReport>>['options'],
  split: RunsCompared['split'],
): Promise<RunsCompared> {
  progress('Comparing them', 0, null);
  const shared = sharedPlaces(reports.map(({ samples }) => samples));
  const measured = reports.map((report, index) => measuredAt(report, shared[index] ?? []));
  const [report, places, before] = [reports[0]!, shared[0] ?? [], measured[0]!];
  const samples = places.map((place) => report.samples[place]!);
  const tied = report.tied === null ? undefined : renumbered(places.map((place) => report.tied![place]!));
  const groups = groupsOf(
    samples.map(({ record }) => record),
    view.dataset,
    tied,
  );
  const separate = new Set(groups).size === samples.length;
  const names = taskOf(recipe).metrics.map(({ name }) => name);
  const all = everyPlace(samples.length);
  const outcomes = measured.map((each) => all.map((place) => each.outcome(place)));
  const found: RunCompared[] = [];
  for (const [index, run] of runs.entries()) {
    const own = measured[index]!;
    const other = index === 0 ? null : own;
    const told = await compareMeasured({ base: before, tuned: other, groups, names, pause });
    found.push({
      runId: run.id,
      metrics: own.measure(all),
      intervals: (index === 0 ? told?.base : told?.tuned) ?? null,
      change: told?.change ?? null,
      outcomes: outcomes[index]!,
      turned: index === 0 ? null : turnedBetween(outcomes[0]!, outcomes[index]!, separate),
    });
  }
  return {
    task: taskIdOf(recipe),
    split,
    samples: samples.map(({ record, asked, wanted }) => ({
      imageId: record.id,
      ...(asked === undefined ? {} : { asked }),
      wanted,
    })),
    runs: found,
  };
}

/** Of each report, the places of the samples that all of them have, in one order. Which samples there are may depend on the recipe. */
export function sharedPlaces(reports: readonly (readonly MeasuredSample[])[]): readonly (readonly number[])[] {
  const placesOf = reports.map((samples) => {
    const times = new Map<string, number>();
    return new Map(
      samples.map(({ record, asked = '', wanted }, place) => {
        const name = JSON.stringify([record.id, asked, wanted]);
        const time = times.get(name) ?? 0;
        times.set(name, time + 1);
        return [`${time} ${name}`, place] as const;
      }),
    );
  });
  const names = [...(placesOf[0]?.keys() ?? [])].filter((name) => placesOf.every((places) => places.has(name)));
  return placesOf.map((places) => names.map((name) => places.get(name)!));
}

function measuredAt({ base, tuned, samples }: TaskReport, places: readonly number[]): Measured {
  const own = tuned ?? base;
  const isAll = places.length === samples.length && places.every((place, index) => place === index);
  return isAll ? own : partOf(own, places);
}

/** Numbers of groups from 0 on, in the order in which they come. */
function renumbered(groups: readonly number[]): Int32Array {
  const numbers = new Map<number, number>();
  return Int32Array.from(groups, (group) => {
    const number = numbers.get(group) ?? numbers.size;
    numbers.set(group, number);
    return number;
  });
}
