import { useMemo } from 'react';
import { Card } from '../../components/Card';
import { linearScale } from '../../components/charts/ticks';
import { useSize } from '../../components/charts/useSize';
import { cx } from '../../components/cx';
import { measuredBy } from '../../sweeps/objective';
import type { Sweep } from '../../sweeps/types';
import { metricText } from '../../tasks/metrics';
import { historyOf } from './history';
import styles from './HistoryChart.module.css';

const height = 190;
const margin = { top: 10, bottom: 26, left: 62, right: 14 } as const;

/** What trials scored in the order in which they began, and the best up to each. The same stands in the table of trials. */
export function HistoryChart({ sweep }: { readonly sweep: Sweep }) {
  const [box, { width }] = useSize<HTMLDivElement>();
  const metric = measuredBy(sweep);
  const points = useMemo(() => historyOf(sweep), [sweep]);
  const values = points.map(({ value }) => value);
  const count = sweep.trials.length;
  const scale = values.length === 0 ? null : linearScale(Math.min(...values), Math.max(...values), 4, 'near');
  const x = (number: number): number =>
    margin.left + ((number + 0.5) / Math.max(1, count)) * (width - margin.left - margin.right);
  const y = (value: number): number => {
    const [low, high] = scale?.domain ?? [0, 1];
    return height - margin.bottom - ((value - low) / (high - low)) * (height - margin.top - margin.bottom);
  };
  const newest = points.at(-1);
  const path = points.map(({ number, best }, index) =>
    index === 0 ? `M${x(number)},${y(best)}` : `H${x(number)}V${y(best)}`,
  );
  const every = Math.max(1, Math.ceil(count / 12));
  return (
    <Card
      title="Best so far, trial by trial"
      hint={points.some(({ farthest }) => !farthest) ? 'Hollow: cut short.' : undefined}
    >
      <div ref={box} className={styles['box']}>
        {width > 0 && metric !== null && scale !== null && newest !== undefined && (
          <svg
            width={width}
            height={height}
            role="img"
            aria-label={`${metric.label} of ${points.length} trials, the best ${metricText(metric, newest.best)}`}
          >
            {scale.ticks.map((tick) => (
              <g key={tick}>
                <line className={styles['grid']} x1={margin.left} x2={width - margin.right} y1={y(tick)} y2={y(tick)} />
                <text className={styles['tick']} x={margin.left - 8} y={y(tick)} dy="0.32em" textAnchor="end">
                  {metricText(metric, tick)}
                </text>
              </g>
            ))}
            {sweep.trials.map(
              (_, number) =>
                number % every === 0 && (
                  <text key={number} className={styles['tick']} x={x(number)} y={height - 8} textAnchor="middle">
                    {number + 1}
                  </text>
                ),
            )}
            <path className={styles['best']} d={path.join('')} />
            {points.map(({ number, value, farthest }) => (
              <circle
                key={number}
                className={cx(styles['trial'], !farthest && styles['early'])}
                cx={x(number)}
                cy={y(value)}
                r={3.4}
              />
            ))}
          </svg>
        )}
      </div>
    </Card>
  );
}
