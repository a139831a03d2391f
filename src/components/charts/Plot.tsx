import { memo } from 'react';
import { CartesianGrid, Line, LineChart, ReferenceLine, XAxis, YAxis } from 'recharts';
import { placeText, placeTick, type RunAxis } from './axis';
import { tickText } from './format';
import { rawSuffix, type ChartSeries, type DrawnRow } from './series';
import type { AxisScale } from './ticks';

/** Pixels around the plotted area; the hover cursor is placed with the same numbers. */
export const plotMargin = { top: 8, right: 10, bottom: 22, left: 44 } as const;

const seriesColor: Record<ChartSeries['role'], string> = {
  tuned: 'var(--chart-tuned)',
  validation: 'var(--chart-validation)',
  second: 'var(--run-2)',
};

/** The colour of a curve. */
export function colorOf({ line, role }: Pick<ChartSeries, 'line' | 'role'>): string {
  return line?.color ?? seriesColor[role];
}

interface PlotProps {
  readonly width: number;
  readonly height: number;
  readonly rows: readonly DrawnRow[];
  readonly series: readonly ChartSeries[];
  readonly smoothed: boolean;
  readonly baseline: number | null;
  readonly axis: RunAxis;
  readonly along: AxisScale;
  readonly up: AxisScale;
  readonly log: boolean;
}

const tickStyle = { fontSize: 10.5, fill: 'var(--muted)' };
const still = { isAnimationActive: false, activeDot: false, connectNulls: true, type: 'linear' } as const;

/** The drawn curves. Knows nothing of hovering, so that moving the pointer draws no curve again. */
export const Plot = memo(function Plot({
  width,
  height,
  rows,
  series,
  smoothed,
  baseline,
  axis,
  along,
  up,
  log,
}: PlotProps) {
  return (
    <LineChart
      width={width}
      height={height}
      data={rows}
      margin={{ ...plotMargin, left: 0, bottom: 0 }}
      accessibilityLayer={false}
    >
      <CartesianGrid vertical={false} stroke="var(--chart-grid)" />
      <XAxis
        dataKey="x"
        type="number"
        domain={[...along.domain]}
        ticks={[...along.ticks]}
        interval="preserveStartEnd"
        tickFormatter={(x: number) => (x === 0 ? placeText(axis, x) : placeTick(axis, x))}
        tick={tickStyle}
        tickLine={false}
        axisLine={false}
        tickMargin={4}
        height={plotMargin.bottom}
        allowDataOverflow
      />
      <YAxis
        type="number"
        scale={log ? 'log' : 'linear'}
        domain={[...up.domain]}
        ticks={[...up.ticks]}
        interval={0}
        tickFormatter={tickText}
        tick={tickStyle}
        tickLine={false}
        axisLine={false}
        tickMargin={4}
        width={plotMargin.left}
        allowDataOverflow
      />
      {baseline !== null && (
        <ReferenceLine
          y={baseline}
          stroke="var(--chart-base)"
          strokeWidth={1.4}
          strokeDasharray="5 4"
          ifOverflow="hidden"
          label={{
            value: 'base model',
            position: 'insideTopRight',
            fontSize: 10.5,
            fill: 'var(--muted)',
            offset: 4,
          }}
        />
      )}
      {smoothed &&
        series
          .filter(({ noisy }) => noisy === true)
          .map((each) => (
            <Line
              key={each.id + rawSuffix}
              {...still}
              dataKey={each.id + rawSuffix}
              stroke={colorOf(each)}
              strokeOpacity={0.24}
              strokeWidth={1}
              dot={false}
            />
          ))}
      {series.map((each) => (
        <Line
          key={each.id}
          {...still}
          dataKey={each.id}
          stroke={colorOf(each)}
          {...(each.line?.dash ? { strokeDasharray: each.line.dash } : {})}
          strokeWidth={each.role === 'tuned' ? 1.8 : 1.6}
          dot={each.dots === true ? { r: 2.4, strokeWidth: 0, fill: colorOf(each), clipDot: false } : false}
        />
      ))}
    </LineChart>
  );
});
