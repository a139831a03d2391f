import { useState } from 'react';
import { Card } from '../../../components/Card';
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

const side = 320;
const margin = 44;

/** Numbers as they are against numbers as they were given; a point shows its picture. */
export function Scatter({ name, column, points }: ScatterProps) {
  const [shown, setShown] = useState<string | null>(null);
  const known = points.flatMap(({ imageId, wanted, tuned }) => {
    const own = wanted[column] ?? null;
    const given = tuned?.[column];
    return own === null || given === undefined ? [] : [{ imageId, wanted: own, given }];
  });
  const all = known.flatMap(({ wanted, given }) => [wanted, given]);
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const span = high > low ? high - low : 1;
  const at = (value: number): number => margin + ((value - low) / span) * (side - 2 * margin);
  const chosen = known.find(({ imageId }) => imageId === shown);
  return (
    <Card
      title={`${name}: as it is, and as it was given`}
      hint="On the line, both are the same. A point shows its picture."
    >
      <div className={styles['row']}>
        <svg
          className={styles['plot']}
          viewBox={`0 0 ${side} ${side}`}
          role="img"
          aria-label={`${name} of ${known.length} samples, as it is across and as it was given upwards, from ${numberText(low)} to ${numberText(high)}`}
        >
          <line className={styles['same']} x1={at(low)} y1={side - at(low)} x2={at(high)} y2={side - at(high)} />
          <text x={at(low)} y={side - 14}>
            {numberText(low)}
          </text>
          <text x={at(high)} y={side - 14} textAnchor="end">
            {numberText(high)}
          </text>
          <text x={side / 2} y={side - 14} textAnchor="middle">
            as it is
          </text>
          <text x={14} y={side / 2} textAnchor="middle" transform={`rotate(-90 14 ${side / 2})`}>
            as given
          </text>
          {known.map(({ imageId, wanted, given }) => (
            <circle
              key={imageId}
              className={imageId === shown ? styles['chosen'] : styles['point']}
              cx={at(wanted)}
              cy={side - at(given)}
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
              {numberText(chosen.wanted)}, given {numberText(chosen.given)}
            </figcaption>
          </figure>
        )}
      </div>
    </Card>
  );
}
