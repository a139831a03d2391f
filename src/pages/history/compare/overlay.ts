import type { RunAxis } from '../../../components/charts/axis';
import type { Run } from '../../../runs/types';
import { chartSpec, runEnd, type Chart, type ChartSpec } from '../../runs/chartSpecs';
import type { RunCurves } from '../../runs/runCurves';

/** Curves of several runs in one chart. */

/** A run in a comparison: its colour is its own, and of runs that share one all but the first have a pattern. */
export interface ComparedRun<R extends Run = Run> {
  readonly run: R;
  readonly color: string;
  /** As of an SVG line; null: unbroken. */
  readonly dash: string | null;
}

const dashes = [null, '7 4', '2 3', '10 3 2 3'] as const;

export function comparedRuns<R extends Run>(
  runs: readonly R[],
  colours: ReadonlyMap<string, number>,
): readonly ComparedRun<R>[] {
  const times = new Map<number, number>();
  return runs.map((run) => {
    const colour = colours.get(run.id) ?? 1;
    const time = times.get(colour) ?? 0;
    times.set(colour, time + 1);
    return { run, color: `var(--run-${colour})`, dash: dashes[time % dashes.length] ?? null };
  });
}

/** A run with its curves. */
export interface OverlaidRun extends ComparedRun {
  readonly curves: RunCurves;
}

/** One chart with the curve of each run. The base model is drawn where it is the same for all. */
export function overlaySpec(chart: Chart, runs: readonly OverlaidRun[], axis: RunAxis): ChartSpec | null {
  const specs = runs.map(({ curves }) => chartSpec(chart, curves, axis));
  const [first] = specs;
  if (first === undefined) return null;
  const titles = new Set(specs.map(({ title }) => title));
  const baselines = new Set(specs.map(({ baseline }) => baseline));
  const own = chart.kind === 'steps' ? chart.title : chart.metric.chart?.title;
  return {
    ...first,
    // A loss over batches of several sizes is no one quantity.
    title: titles.size === 1 ? first.title : `${own ?? first.title}, over different batches`,
    baseline: baselines.size === 1 ? first.baseline : null,
    series: specs.flatMap(({ series }, place) => {
      const [curve] = series;
      const compared = runs[place];
      if (curve === undefined || compared === undefined) return [];
      const { run, color, dash } = compared;
      return [{ ...curve, id: run.id, label: run.name, line: { color, dash } }];
    }),
  };
}

/** Where the longest of the runs ends on an axis. */
export function overlayEnd(runs: readonly OverlaidRun[], axis: RunAxis): number {
  return Math.max(0, ...runs.map(({ curves }) => runEnd(curves, axis)));
}
