import { memo, useId, useMemo, type ReactNode } from 'react';
import { placeText, type RunAxis } from '../../components/charts/axis';
import { ChartMenu } from '../../components/charts/ChartMenu';
import { SharedHover } from '../../components/charts/hover';
import { Legend } from '../../components/charts/Legend';
import { LineChartCard, type ChartView } from '../../components/charts/LineChartCard';
import { useUnchanged } from '../../components/charts/useUnchanged';
import { Segmented } from '../../components/Segmented';
import { Slider } from '../../components/Slider';
import { Switch } from '../../components/Switch';
import { useChartPreferences } from '../../stores/chartPreferences';
import {
  chartsOf,
  epochLength,
  evaluationSpec,
  keptPlace,
  marksOf,
  runEnd,
  stepSpec,
  type Chart,
  type EvaluationChart,
  type StepChart,
} from './chartSpecs';
import type { RunCurves } from './runCurves';
import styles from './RunCharts.module.css';

/** The charts on a run's page. Its task says which there are; how they are drawn is the reader's choice, which is the same for all runs. */

const axes: readonly { readonly value: RunAxis; readonly label: string }[] = [
  { value: 'step', label: 'Step' },
  { value: 'epoch', label: 'Epoch' },
  { value: 'time', label: 'Time' },
];

/** The charts of a run with the reader's choice of axis, smoothing, scale and charts. */
export const RunCharts = memo(function RunCharts({ curves }: { readonly curves: RunCurves }) {
  const { axis, smoothing, log, chosen } = useChartPreferences();
  const charts = useMemo(() => chartsOf(curves.task), [curves.task]);
  const shown = useMemo(() => charts.filter((chart) => chosen[chart.id] ?? chart.shown), [charts, chosen]);
  const end = runEnd(curves, axis);
  const kept = keptPlace(curves, axis);
  const keptText = kept === null ? null : placeText(axis, kept);
  const legend = useMemo(() => <Legend kept={keptText} />, [keptText]);
  const marks = useUnchanged(marksOf(curves, axis));
  const view = useMemo<ChartView>(
    () => ({ axis, smoothing, log, end, kept, marks }),
    [axis, smoothing, log, end, kept, marks],
  );
  return (
    // A hovered place means something on one axis only.
    <SharedHover key={axis}>
      <section aria-label="Charts">
        <ChartToolbar legend={legend} charts={charts} shown={shown} />
        <div className={styles['charts']}>
          {shown.map((chart) =>
            chart.kind === 'steps' ? (
              <OfSteps key={chart.id} chart={chart} curves={curves} view={view} />
            ) : (
              <OfEvaluations key={chart.id} chart={chart} curves={curves} view={view} />
            ),
          )}
        </div>
        {shown.length === 0 && <p className={styles['none']}>No charts chosen.</p>}
      </section>
    </SharedHover>
  );
});

interface RunChartProps<Shown extends Chart> {
  readonly chart: Shown;
  readonly curves: RunCurves;
  readonly view: ChartView;
}

function OfSteps({ chart, curves: { metrics, batchSize }, view }: RunChartProps<StepChart>) {
  const { axis } = view;
  const spec = useMemo(() => stepSpec(chart, { metrics, batchSize }, axis), [chart, metrics, batchSize, axis]);
  return <LineChartCard {...spec} view={view} />;
}

/** Stays as it is while steps come and no evaluation does. */
function OfEvaluations({ chart, curves, view }: RunChartProps<EvaluationChart>) {
  const { axis } = view;
  const { task, baseline, evaluations, metrics } = curves;
  const perStep = axis === 'epoch' ? epochLength(metrics) : 0;
  const spec = useMemo(
    () => evaluationSpec(chart, { task, baseline, evaluations }, axis, perStep),
    [chart, task, baseline, evaluations, axis, perStep],
  );
  return <LineChartCard {...spec} view={view} />;
}

interface ChartToolbarProps {
  /** What the lines mean. */
  readonly legend: ReactNode;
  readonly charts: readonly Chart[];
  readonly shown: readonly Chart[];
}

/** How the reader wants charts drawn, and which. */
export const ChartToolbar = memo(function ChartToolbar({ legend, charts, shown }: ChartToolbarProps) {
  const smoothingId = useId();
  const logId = useId();
  const { axis, smoothing, log, change, choose } = useChartPreferences();
  const isShown = new Set(shown.map(({ id }) => id));
  return (
    <div className={styles['toolbar']}>
      <Segmented label="Horizontal axis" value={axis} options={axes} onChange={(next) => change({ axis: next })} />
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
});
