import { ChartLine, Table2 } from 'lucide-react';
import { memo, useId, useMemo, useState, type PointerEvent } from 'react';
import { IconButton } from '../Button';
import { cx } from '../cx';
import { placeText, type RunAxis } from './axis';
import { ChartTable } from './ChartTable';
import { headlineText, type Headline } from './format';
import { useHoveredPlace, useMoveHover } from './hover';
import { widest } from './course';
import { colorOf } from './DrawnCurves';
import { Plot, plotMargin } from './Plot';
import { Readings } from './Readings';
import { curvesOf, nearest, summarize, type ChartSeries, type Curve } from './series';
import { linearScale, logScale, runScale, type AxisScale } from './ticks';
import { useSize } from './useSize';
import { useUnchanged } from './useUnchanged';
import styles from './LineChartCard.module.css';

/** How all charts of a run are drawn. */
export interface ChartView {
  readonly axis: RunAxis;
  /** Weight of the moving average over noisy curves, 0…1 (exclusive). */
  readonly smoothing: number;
  /** Logarithmic, for the charts that say so. */
  readonly log: boolean;
  /** Where the run ends on the axis. */
  readonly end: number;
  /** Where the weights come from that a finished run kept, if not from its end: marked, and read in the headline. */
  readonly kept: number | null;
  /** Where something came between. */
  readonly marks: readonly ChartMark[];
}

export interface ChartMark {
  /** On the axis. */
  readonly place: number;
  /** Nobody asked for it. */
  readonly trouble: boolean;
}

interface LineChartCardProps {
  readonly title: string;
  /** The first curve gives the headline. */
  readonly series: readonly ChartSeries[];
  /** The base model's value, or null. */
  readonly baseline?: number | null;
  readonly view: ChartView;
  readonly format: (value: number) => Headline;
  /** Whether the value axis may be logarithmic when the reader asks for it. */
  readonly mayBeLog?: boolean;
  /** Begin the value axis at 0 whatever the values are. */
  readonly fromZero?: boolean;
  /** Values that differ by less are drawn within a range this wide, so that noise does not look like news. */
  readonly leastSpan?: number;
  /** No value can be higher. */
  readonly highest?: number;
}

interface ValueAxis {
  readonly log: boolean;
  readonly fromZero: boolean;
  readonly leastSpan: number;
  readonly highest: number;
}

/**
 * A chart of one quantity of a run: its newest value (or that of the weights it kept), its curves with the base model as a grey dashed line, the
 * shared hover, and the same values as a table. Draws a few points in each column of pixels, however long the run, and never moves by itself.
 */
export const LineChartCard = memo(function LineChartCard({
  title,
  series,
  baseline = null,
  view,
  format,
  mayBeLog = false,
  fromZero = false,
  leastSpan = 0,
  highest = Infinity,
}: LineChartCardProps) {
  const titleId = useId();
  const [asTable, setAsTable] = useState(false);
  const [plot, { width, height }] = useSize<HTMLDivElement>();
  const { axis, smoothing, end, kept, marks } = view;
  const log = view.log && mayBeLog;

  const curves = useMemo(() => curvesOf(series, { smoothing, positiveOnly: log }), [series, smoothing, log]);
  // Curves of several runs are read side by side, hovered or not.
  const ofSeveral = series.some(({ line }) => line !== undefined);
  const range = curves.map(({ course }) => course.range).reduce(widest, null);
  const along = useUnchanged(runScale(end, width < 240 ? 3 : 5, axis));
  const up = useUnchanged(valueScale(range, baseline, { log, fromZero, leastSpan, highest }));
  const summary = useMemo(
    () =>
      summarize(curves, baseline, {
        value: (value) => headlineText(format(value)),
        place: (x) => placeText(axis, x),
      }),
    [curves, baseline, format, axis],
  );

  return (
    <figure className={styles['chart']} aria-labelledby={titleId}>
      <figcaption className={cx(styles['head'], ofSeveral && styles['ofSeveral'])}>
        <h2 id={titleId} className={styles['title']}>
          {title}
        </h2>
        <IconButton
          className={styles['toggle']}
          size="s"
          label={`Show ${title} as a ${asTable ? 'chart' : 'table'}`}
          aria-pressed={asTable}
          icon={asTable ? <ChartLine /> : <Table2 />}
          onClick={() => setAsTable(!asTable)}
        />
        {ofSeveral ? (
          <Readings curves={curves} axis={axis} format={format} />
        ) : (
          <Reading curves={curves} axis={axis} kept={kept} format={format} />
        )}
      </figcaption>
      {asTable ? (
        <ChartTable title={title} series={series} baseline={baseline} axis={axis} format={format} />
      ) : (
        <div ref={plot} className={styles['plot']}>
          <div role="img" aria-label={`${title}. ${summary}`}>
            {width > 0 && (
              <Plot
                width={width}
                height={height}
                curves={curves}
                baseline={baseline}
                axis={axis}
                along={along}
                up={up}
                log={log}
              />
            )}
          </div>
          {marks.map(({ place, trouble }, index) => (
            <Upright
              key={index}
              className={cx(styles['mark'], trouble && styles['trouble'])}
              width={width}
              end={along.domain[1]}
              place={place}
            />
          ))}
          {kept !== null && <Upright className={styles['kept']} width={width} end={along.domain[1]} place={kept} />}
          <Cursor width={width} end={along.domain[1]} />
          {range === null && <p className={styles['empty']}>{nothingDrawn(curves)}</p>}
        </div>
      )}
    </figure>
  );
});

/** A logarithmic axis may have no place for any of the values. */
function nothingDrawn(curves: readonly Curve[]): string {
  return curves.some(({ course }) => course.highest !== null) ? 'No values above 0' : 'No values yet';
}

function valueScale(
  range: readonly [min: number, max: number] | null,
  baseline: number | null,
  { log, fromZero, leastSpan, highest }: ValueAxis,
): AxisScale {
  const values = [...(range ?? []), ...(baseline !== null && !(log && baseline <= 0) ? [baseline] : [])];
  if (values.length === 0) return { domain: [0, 1], ticks: [] };
  const min = Math.min(...values);
  const max = Math.max(...values);
  if (log) return logScale(min, max);
  const span = Math.max(max - min, leastSpan);
  const top = Math.min(Math.max(max, (min + max + span) / 2), highest);
  const bottom = Math.min(min, Math.max(top - span, 0));
  return linearScale(bottom, top, 4, fromZero ? 'always' : 'near');
}

interface ReadingProps {
  readonly curves: readonly Curve[];
  readonly axis: RunAxis;
  readonly kept: number | null;
  readonly format: (value: number) => Headline;
}

/** The newest value or that of the kept weights; while hovering the value there. */
function Reading({ curves, axis, kept, format }: ReadingProps) {
  const hovered = useHoveredPlace();
  const place = hovered ?? kept;
  const [curve, ...others] = curves;
  if (curve === undefined || curve.course.values.length === 0) return <span className={styles['now']}>–</span>;
  const {
    series: first,
    course: { values },
  } = curve;
  const index = place === null ? values.length - 1 : (nearest(first.x, place) ?? 0);
  const { value, unit } = format(values[index] as number);
  return (
    <span className={styles['reading']}>
      {place !== null && (
        <span className={styles['place']}>
          {placeText(axis, hovered === null ? place : (first.x[index] as number))}
        </span>
      )}
      <span className={styles['now']}>
        {value}
        <small>{unit}</small>
      </span>
      {hovered !== null &&
        others.map(({ series: each }) => {
          const at = nearest(each.x, hovered);
          return (
            at !== null && (
              <span key={each.id} style={{ color: colorOf(each) }}>
                {headlineText(format(each.y[at] as number))}
              </span>
            )
          );
        })}
    </span>
  );
}

/** Follows the pointer, and shows the place that another chart's pointer is at. Lies over the plot, so that nothing is drawn again. */
function Cursor({ width, end }: { readonly width: number; readonly end: number }) {
  const place = useHoveredPlace();
  const move = useMoveHover();
  const inner = innerWidth(width);
  const follow = (event: PointerEvent<HTMLDivElement>) => {
    const x = event.clientX - event.currentTarget.getBoundingClientRect().left - plotMargin.left;
    move((Math.min(Math.max(x, 0), inner) / inner) * end);
  };
  return (
    <div className={styles['hover']} onPointerMove={follow} onPointerLeave={() => move(null)}>
      {place !== null && place <= end && <Upright className={styles['cursor']} width={width} end={end} place={place} />}
    </div>
  );
}

interface UprightProps {
  readonly className: string | undefined;
  /** Of the whole plot, in pixels. */
  readonly width: number;
  /** Where the axis ends. */
  readonly end: number;
  readonly place: number;
}

/** An upright line over the plot. */
function Upright({ className, width, end, place }: UprightProps) {
  const left = plotMargin.left + (place / end) * innerWidth(width);
  return (
    <i className={cx(styles['upright'], className)} style={{ left, top: plotMargin.top, bottom: plotMargin.bottom }} />
  );
}

function innerWidth(width: number): number {
  return width - plotMargin.left - plotMargin.right;
}
