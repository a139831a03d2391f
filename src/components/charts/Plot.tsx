import { memo } from 'react';
import { CartesianGrid, LineChart, ReferenceLine, XAxis, YAxis } from 'recharts';
import { placeText, placeTick, type RunAxis } from './axis';
import { CurvesContext, DrawnCurves } from './DrawnCurves';
import { tickText } from './format';
import type { Curve } from './series';
import type { AxisScale } from './ticks';

/** Pixels around the plotted area; the hover cursor is placed with the same numbers. */
export const plotMargin = { top: 8, right: 10, bottom: 22, left: 44 } as const;

interface FrameProps {
  readonly width: number;
  readonly height: number;
  readonly baseline: number | null;
  readonly axis: RunAxis;
  readonly along: AxisScale;
  readonly up: AxisScale;
  readonly log: boolean;
}

interface PlotProps extends FrameProps {
  readonly curves: readonly Curve[];
}

/** Curves within their axes. Knows nothing of hovering, so that moving the pointer draws nothing again. */
export function Plot({ curves, ...frame }: PlotProps) {
  return (
    <CurvesContext value={curves}>
      <Frame {...frame} />
    </CurvesContext>
  );
}

const tickStyle = { fontSize: 10.5, fill: 'var(--muted)' };
const frameMargin = { ...plotMargin, left: 0, bottom: 0 };

/** Axes, grid and base model. They are dear to draw and change seldom: while a run goes on, the curves inside are drawn again alone. */
const Frame = memo(function Frame({ width, height, baseline, axis, along, up, log }: FrameProps) {
  return (
    <LineChart width={width} height={height} margin={frameMargin} accessibilityLayer={false}>
      <CartesianGrid vertical={false} stroke="var(--chart-grid)" />
      <XAxis
        // Without a key the axis would count the rows that this chart does not have.
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
            // Beside the button that lies over the corner.
            dx: -26,
          }}
        />
      )}
      <DrawnCurves />
    </LineChart>
  );
});
