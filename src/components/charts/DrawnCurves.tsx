import { createContext, memo, useContext, useMemo } from 'react';
import { useXAxisScale, useYAxisScale } from 'recharts';
import type { Point } from './envelope';
import { dotsPath, linePath, type Placing } from './path';
import type { ChartSeries, Curve } from './series';

const seriesColor: Record<ChartSeries['role'], string> = {
  tuned: 'var(--chart-tuned)',
  validation: 'var(--chart-validation)',
  second: 'var(--run-2)',
};

/** The colour of a curve. */
export function colorOf({ line, role }: Pick<ChartSeries, 'line' | 'role'>): string {
  return line?.color ?? seriesColor[role];
}

/** What a chart draws. A context, so that new values reach the curves without the axes around them being drawn again. */
export const CurvesContext = createContext<readonly Curve[]>([]);

/**
 * The curves of a chart, on the scales of its axes: a path each, and one for its dots. The plotting library's own lines work out labels, lengths and a
 * component for every dot each time they change, which a run in progress does several times a second.
 */
export const DrawnCurves = memo(function DrawnCurves() {
  const curves = useContext(CurvesContext);
  const along = useXAxisScale();
  const up = useYAxisScale();
  if (along === undefined || up === undefined) return null;
  return (
    <g fill="none" strokeLinejoin="round" data-curves>
      {curves.map(
        ({ series, course: { raw } }) =>
          raw !== null && (
            <Line key={series.id} along={along} up={up} x={series.x} points={raw} color={colorOf(series)} pale />
          ),
      )}
      {curves.map(({ series, course: { drawn } }) => (
        <Line
          key={series.id}
          along={along}
          up={up}
          x={series.x}
          points={drawn}
          color={colorOf(series)}
          dash={series.line?.dash ?? null}
          width={series.role === 'tuned' ? 1.8 : 1.6}
          dots={series.dots === true}
        />
      ))}
    </g>
  );
});

type Scale = NonNullable<ReturnType<typeof useXAxisScale>>;

interface LineProps {
  readonly along: Scale;
  readonly up: Scale;
  readonly x: ArrayLike<number>;
  readonly points: readonly Point[];
  readonly color: string;
  readonly pale?: boolean;
  readonly width?: number;
  /** As of an SVG line; null: unbroken. */
  readonly dash?: string | null;
  readonly dots?: boolean;
}

const dotSize = 4.8;

function Line({ along, up, x, points, color, pale = false, width = 1, dash = null, dots = false }: LineProps) {
  const placing = useMemo<Placing>(
    () => ({
      x: ({ index }) => along(x[index]) ?? NaN,
      y: ({ value }) => up(value) ?? NaN,
    }),
    [along, up, x],
  );
  return (
    <>
      <path
        d={linePath(points, placing)}
        stroke={color}
        strokeWidth={width}
        {...(pale ? { strokeOpacity: 0.24 } : {})}
        // Round ends would fill the gaps of a pattern.
        {...(dash === null ? { strokeLinecap: 'round' } : { strokeDasharray: dash })}
      />
      {dots && (
        <path d={dotsPath(points, placing, dotSize)} stroke={color} strokeWidth={dotSize} strokeLinecap="round" />
      )}
    </>
  );
}
