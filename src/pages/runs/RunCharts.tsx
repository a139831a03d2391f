import { useId, useMemo } from 'react';
import { placeText, type RunAxis } from '../../components/charts/axis';
import { ChartMenu } from '../../components/charts/ChartMenu';
import { SharedHover } from '../../components/charts/hover';
import { Legend } from '../../components/charts/Legend';
import { LineChartCard, type ChartView } from '../../components/charts/LineChartCard';
import { Segmented } from '../../components/Segmented';
import { Slider } from '../../components/Slider';
import { Switch } from '../../components/Switch';
import { chartIds, useChartPreferences, type ChartId } from '../../stores/chartPreferences';
import { chartSpec, chartTitle, keptPlace, runEnd } from './chartSpecs';
import type { RunCurves } from './runCurves';
import styles from './RunCharts.module.css';

const axes: readonly { readonly value: RunAxis; readonly label: string }[] = [
  { value: 'step', label: 'Step' },
  { value: 'epoch', label: 'Epoch' },
  { value: 'time', label: 'Time' },
];
const titled = chartIds.map((id) => ({ id, title: chartTitle(id) }));

/** The charts of a run with the reader's choice of axis, smoothing, scale and charts. */
export function RunCharts({ curves }: { readonly curves: RunCurves }) {
  const { axis, smoothing, log, shown } = useChartPreferences();
  const end = runEnd(curves, axis);
  const kept = keptPlace(curves, axis);
  const view = useMemo<ChartView>(() => ({ axis, smoothing, log, end, kept }), [axis, smoothing, log, end, kept]);
  return (
    // A hovered place means something on one axis only.
    <SharedHover key={axis}>
      <section aria-label="Charts">
        <Toolbar kept={kept === null ? null : placeText(axis, kept)} />
        <div className={styles['charts']}>
          {shown.map((id) => (
            <RunChart key={id} id={id} curves={curves} view={view} />
          ))}
        </div>
        {shown.length === 0 && <p className={styles['none']}>No charts chosen.</p>}
      </section>
    </SharedHover>
  );
}

function RunChart({
  id,
  curves,
  view,
}: {
  readonly id: ChartId;
  readonly curves: RunCurves;
  readonly view: ChartView;
}) {
  const spec = useMemo(() => chartSpec(id, curves, view.axis), [id, curves, view.axis]);
  return <LineChartCard {...spec} view={view} />;
}

/** @param kept the place whose weights were kept, in words, where the charts mark one */
function Toolbar({ kept }: { readonly kept: string | null }) {
  const smoothingId = useId();
  const logId = useId();
  const { axis, smoothing, log, shown, change, toggle } = useChartPreferences();
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
      <ChartMenu charts={titled} shown={shown} onToggle={toggle} />
      <div className={styles['legend']}>
        <Legend kept={kept} />
      </div>
    </div>
  );
}
