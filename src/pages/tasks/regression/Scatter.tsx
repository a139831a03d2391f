import { useState } from 'react';
import { Card } from '../../../components/Card';
import { linearScale } from '../../../components/charts/ticks';
import { numberText } from '../../../tasks/regression/numbers';
import type { RatedPoint } from '../../../tasks/regression/predictions';
import { Thumbnail } from '../../runs/Thumbnail';
import styles from './Scatter.module.css';

interface ScatterProps {
  readonly name: string;
  /** Which of the numbers. */
  readonly column: number;
  readonly points: readonly RatedPoint[];
}

/** Side of the plot, and the room left of it and below for numbers. */
const side = 300;
const left = 52;
const below = 44;
const edge = 10;

/** Numbers as they are against numbers as they were given; a point shows its picture. */
export function Scatter({ name, column, points }: ScatterProps) {
  const [shown, setShown] = useState<string | null>(null);
  const known = points.flatMap(({ imageId, wanted, tuned }) => {
    const own = wanted[column] ?? null;
    const given = tuned?.[column];
    return own === null || given === undefined ? [] : [{ imageId, wanted: own, given }];
  });
  const all = known.flatMap(({ wanted, given }) => [wanted, given]);
  if (all.length === 0) return null;
  const { domain, ticks } = linearScale(Math.min(...all), Math.max(...all), 5, 'near');
  const [low, high] = domain;
  const share = (value: number): number => (value - low) / (high - low);
  const across = (value: number): number => left + share(value) * side;
  const upwards = (value: number): number => edge + (1 - share(value)) * side;
  const foot = edge + side;
  const chosen = known.find(({ imageId }) => imageId === shown);
  return (
    <Card
      title={`${name}: predicted against true`}
      hint="On the dashed line both are the same: above it predictions are too high, below it too low. A point shows its picture."
    >
      <div className={styles['row']}>
        <svg
          className={styles['plot']}
          viewBox={`0 0 ${left + side + edge} ${foot + below}`}
          role="img"
          aria-label={`${name} of ${known.length} samples, true values across and predictions upwards, from ${numberText(low)} to ${numberText(high)}`}
        >
          {ticks.map((tick) => (
            <g key={tick}>
              <line className={styles['grid']} x1={across(tick)} y1={edge} x2={across(tick)} y2={foot} />
              <line className={styles['grid']} x1={left} y1={upwards(tick)} x2={left + side} y2={upwards(tick)} />
              <text x={across(tick)} y={foot + 16} textAnchor="middle">
                {numberText(tick)}
              </text>
              <text x={left - 8} y={upwards(tick) + 4} textAnchor="end">
                {numberText(tick)}
              </text>
            </g>
          ))}
          <line className={styles['same']} x1={across(low)} y1={upwards(low)} x2={across(high)} y2={upwards(high)} />
          <text x={left + side / 2} y={foot + 36} textAnchor="middle">
            true value
          </text>
          <text x={12} y={edge + side / 2} textAnchor="middle" transform={`rotate(-90 12 ${edge + side / 2})`}>
            prediction
          </text>
          {known.map(({ imageId, wanted, given }) => (
            <circle
              key={imageId}
              className={imageId === shown ? styles['chosen'] : styles['point']}
              cx={across(wanted)}
              cy={upwards(given)}
              r={imageId === shown ? 5 : 3.5}
              onPointerEnter={() => setShown(imageId)}
              onClick={() => setShown(imageId)}
            />
          ))}
        </svg>
        {chosen !== undefined && (
          <figure className={styles['picture']}>
            <Thumbnail imageId={chosen.imageId} alt="Sample of the chosen point" size={104} />
            <figcaption>
              {numberText(chosen.wanted)}, predicted {numberText(chosen.given)}
            </figcaption>
          </figure>
        )}
      </div>
    </Card>
  );
}
