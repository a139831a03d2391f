import { useId, useMemo, type ReactNode } from 'react';
import { placeText, type RunAxis } from '../../components/charts/axis';
import { ChartMenu } from '../../components/charts/ChartMenu';
import { SharedHover } from '../../components/charts/hover';
import { Legend } from '../../components/charts/Legend';
import { LineChartCard, type ChartView } from '../../components/charts/LineChartCard';
import { Segmented } from '../../components/Segmented';
import { Slider } from '../../components/Slider';
import { Switch } from '../../components/Switch';
import { useChartPreferences } from '../../stores/chartPreferences';
import { chartsOf, chartSpec, keptPlace, marksOf, runEnd, type Chart } from './chartSpecs';
import type { RunCurves } from './runCurves';
import styles from './RunCharts.module.css';

/** The charts on a run's page. Its task says which there are; how they are drawn is the reader's choice, which is the same for all runs. */

const axes: readonly { readonly value: RunAxis; readonly label: string }[] = [
  { value: 'step', label: 'Step' },
  { value: 'epoch', label: 'Epoch' },
  { value: 'time', label: 'Time' },
];

/** The charts of a run with the reader's choice of axis, smoothing, scale and charts. */
export function RunCharts({ curves }: { readonly curves: RunCurves }) {
  const { axis, smoothing, log, chosen } = useChartPreferences();
  const charts = useMemo(() => chartsOf(curves.task), [curves.task]);
  const shown = charts.filter((chart) => chosen[chart.id] ?? chart.shown);
  const end = runEnd(curves, axis);
  const kept = keptPlace(curves, axis);
  const { events, metrics } = curves;
  const marks = useMemo(() => marksOf({ events, metrics }, axis), [events, metrics, axis]);
  const view = useMemo<ChartView>(
    () => ({ axis, smoothing, log, end, kept, marks }),
    [axis, smoothing, log, end, kept, marks],
  );
  return (
    // A hovered place means something on one axis only.
    <SharedHover key={axis}>
      <section aria-label="Charts">
        <ChartToolbar
          legend={<Legend kept={kept === null ? null : placeText(axis, kept)} />}
          charts={charts}
          shown={shown}
        />
        <div className={styles['charts']}>
          {shown.map((chart) => (
            <RunChart key={chart.id} chart={chart} curves={curves} view={view} />
          ))}
        </div>
        {shown.length === 0 && <p className={styles['none']}>No charts chosen.</p>}
      </section>
    </SharedHover>
  );
}

function RunChart({
  chart,
  curves,
  view,
}: {
  readonly chart: Chart;
  readonly curves: RunCurves;
  readonly view: ChartView;
}) {
  const spec = useMemo(() => chartSpec(chart, curves, view.axis), [chart, curves, view.axis]);
  return <LineChartCard {...spec} view={view} />;
}

interface ChartToolbarProps {
  /** What the lines mean. */
  readonly legend: ReactNode;
  readonly charts: readonly Chart[];
  readonly shown: readonly Chart[];
}

/** How the reader wants charts drawn, and which. */
export function ChartToolbar({ legend, charts, shown }: ChartToolbarProps) {
  const smoothingId = useId();
  const logId = useId();
  const { axis, smoothing, log, change, choose } = useChartPreferences();
  const isShown = new Set(shown.map(({ id }) => id));
  return (
    <div className={styles['toolbar']}>
      <Segmented label="Draw along" value={axis} options={axes} onChange={(next) => change({ axis: next })} />
      <div className={styles['control']}>
        <span id={smoothingId}>Smoothing</span>
        <div className={styles['slider']}>
          <Slider
            aria-labelledby={smoothingId}
            value={smoothing}
            min={0}
            max={0.98}
            step={0.02}
            onChange={(next) => change({ smoothing: next })}
          />
        </div>
      </div>
      <div className={styles['control']}>
        <Switch aria-labelledby={logId} checked={log} onChange={(next) => change({ log: next })} />
        <span id={logId}>Log</span>
      </div>
      <ChartMenu charts={charts} shown={[...isShown]} onToggle={(id) => choose(id, !isShown.has(id))} />
      <div className={styles['legend']}>{legend}</div>
    </div>
  );
}
