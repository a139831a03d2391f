import { useEffect, useMemo, useState } from 'react';
import { SharedHover } from '../../../components/charts/hover';
import { LineChartCard, type ChartView } from '../../../components/charts/LineChartCard';
import { ProgressBar } from '../../../components/Progress';
import { readMetrics } from '../../../runs/store';
import { useChartPreferences } from '../../../stores/chartPreferences';
import { MetricColumns } from '../../../stores/metricColumns';
import { chartsOf, type Chart } from '../../runs/chartSpecs';
import { ChartToolbar } from '../../runs/RunCharts';
import { curvesOfRecord } from '../../runs/runCurves';
import { overlayEnd, overlaySpec, type ComparedRun, type OverlaidRun } from './overlay';
import styles from './ComparePage.module.css';

/** The curves of all runs in one chart each, along steps, epochs or time. */
export function OverlayCharts({ compared }: { readonly compared: readonly ComparedRun[] }) {
  const overlaid = useOverlaid(compared);
  if (overlaid === null) return <ProgressBar label="Reading the curves" fraction={null} />;
  return <Charts runs={overlaid} />;
}

function Charts({ runs }: { readonly runs: readonly OverlaidRun[] }) {
  const { axis, smoothing, log, chosen } = useChartPreferences();
  // What some have, in the order of their tasks.
  const charts = useMemo(() => {
    const byId = new Map<string, Chart>();
    for (const { curves } of runs) {
      for (const chart of chartsOf(curves.task)) if (!byId.has(chart.id)) byId.set(chart.id, chart);
    }
    return [...byId.values()];
  }, [runs]);
  const shown = charts.filter((chart) => chosen[chart.id] ?? chart.shown);
  const view = useMemo<ChartView>(
    () => ({ axis, smoothing, log, end: overlayEnd(runs, axis), kept: null, marks: [] }),
    [axis, smoothing, log, runs],
  );
  return (
    <SharedHover key={axis}>
      <section aria-label="Charts">
        <ChartToolbar legend={null} charts={charts} shown={shown} />
        <div className={styles['charts']}>
          {shown.map((chart) => (
            <OverlayChart key={chart.id} chart={chart} runs={runs} view={view} />
          ))}
        </div>
        {shown.length === 0 && <p className={styles['hint']}>No charts chosen.</p>}
      </section>
    </SharedHover>
  );
}

interface OverlayChartProps {
  readonly chart: Chart;
  readonly runs: readonly OverlaidRun[];
  readonly view: ChartView;
}

function OverlayChart({ chart, runs, view }: OverlayChartProps) {
  const spec = useMemo(
    () =>
      overlaySpec(
        chart,
        runs.filter(({ curves }) => chartsOf(curves.task).some(({ id }) => id === chart.id)),
        view.axis,
      ),
    [chart, runs, view.axis],
  );
  return spec === null ? null : <LineChartCard {...spec} view={view} />;
}

/** The runs with all their steps; null while these are read. Curves that cannot be read are empty: the run's own page says so. */
function useOverlaid(compared: readonly ComparedRun[]): readonly OverlaidRun[] | null {
  const [read, setRead] = useState<ReadonlyMap<string, MetricColumns>>(new Map());
  useEffect(() => {
    let wanted = true;
    const missing = compared.filter(({ run }) => !read.has(run.id));
    if (missing.length === 0) return;
    void Promise.all(
      missing.map(async ({ run }) => {
        const rows = await readMetrics(run.id).then(
          (found) => found.rows,
          () => [],
        );
        return [run.id, MetricColumns.of(rows)] as const;
      }),
    ).then((found) => {
      if (wanted) setRead(new Map([...read, ...found]));
    });
    return () => {
      wanted = false;
    };
  }, [compared, read]);
  return useMemo(() => {
    if (compared.some(({ run }) => !read.has(run.id))) return null;
    return compared.map((each) => ({
      ...each,
      curves: curvesOfRecord(each.run, read.get(each.run.id) ?? MetricColumns.empty),
    }));
  }, [compared, read]);
}
