import { useId, useMemo, useState, type KeyboardEvent, type PointerEvent } from 'react';
import { Card } from '../../components/Card';
import { useSize } from '../../components/charts/useSize';
import { cx } from '../../components/cx';
import { bestTrial } from '../../sweeps/course';
import type { Sweep } from '../../sweeps/types';
import { axesOf, linesOf, type Axis, type TrialLine } from './parallel';
import { scoreText, valuesText } from './words';
import styles from './ParallelCoordinates.module.css';

const height = 264;
const margin = { top: 34, bottom: 14, left: 66, right: 74 } as const;
/** Pixels between two axes below which their labels take turns in two lines. */
const roomy = 120;
/** Farthest that a pointer may be from a line that it means, in pixels. */
const reach = 14;

/** A place on the drawing. */
type Point = readonly [x: number, y: number];

/**
 * Which values lead to which score: a line for each trial across an axis for each field. Lines are gone through with the arrow keys, from the best
 * on, or pointed at; what they hold stands in the table of trials too.
 */
export function ParallelCoordinates({ sweep }: { readonly sweep: Sweep }) {
  const hintId = useId();
  const [box, { width }] = useSize<HTMLDivElement>();
  const [marked, setMarked] = useState<number | null>(null);
  const axes = useMemo(() => axesOf(sweep), [sweep]);
  const lines = useMemo(() => linesOf(sweep), [sweep]);
  const crowded = placeX(1, axes.length, width) - placeX(0, axes.length, width) < roomy;
  const best = bestTrial(sweep);
  const drawn = useMemo(
    () => lines.map((line) => ({ line, points: pointsOf(line, axes.length, width) })),
    [lines, axes, width],
  );
  const shown = marked ?? best;
  const trial = shown === null ? undefined : sweep.trials[shown];
  const optionId = (number: number): string => `${hintId}-${number}`;
  const press = (event: KeyboardEvent): void => {
    const step = { ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1 }[event.key];
    if (step === undefined && event.key !== 'Home' && event.key !== 'End') return;
    event.preventDefault();
    const at = lines.findIndex(({ number }) => number === shown);
    const last = lines.length - 1;
    const next = event.key === 'Home' ? last : event.key === 'End' ? 0 : at + (step ?? 0);
    setMarked(lines[Math.min(last, Math.max(0, next))]?.number ?? null);
  };
  const point = ({ clientX, clientY, currentTarget }: PointerEvent<SVGSVGElement>): void => {
    const { left, top } = currentTarget.getBoundingClientRect();
    const at: Point = [clientX - left, clientY - top];
    const near = drawn.map(({ line, points }) => ({ number: line.number, away: distance(points, at) }));
    const nearest = near.reduce((found, each) => (each.away <= found.away ? each : found), { number: -1, away: reach });
    setMarked(nearest.number < 0 ? null : nearest.number);
  };
  return (
    <Card title="Values and scores" hint="A line is a trial; the better it is, the stronger its colour.">
      <div
        ref={box}
        className={styles['box']}
        role="listbox"
        tabIndex={0}
        aria-label={`Trials by their values, ${lines.length} with a score`}
        aria-describedby={hintId}
        aria-activedescendant={shown === null ? undefined : optionId(shown)}
        onKeyDown={press}
      >
        {width > 0 && (
          <svg
            className={styles['chart']}
            width={width}
            height={height}
            role="presentation"
            onPointerMove={point}
            onPointerLeave={() => setMarked(null)}
          >
            {drawn.map(({ line, points }) => (
              <polyline
                key={line.number}
                id={optionId(line.number)}
                role="option"
                aria-selected={line.number === shown}
                aria-label={lineText(sweep, line.number)}
                className={cx(styles['line'], line.number === shown && styles['shown'])}
                style={{ ['--goodness' as string]: `${Math.round(15 + 85 * line.goodness)}%` }}
                points={points.map((each) => each.join(',')).join(' ')}
              />
            ))}
            {/* Values lie above the lines, and the line that is read above all. */}
            {axes.map((axis, index) => (
              <Upright
                key={axis.id}
                axis={axis}
                x={placeX(index, axes.length, width)}
                last={index === axes.length - 1}
                labelY={!crowded ? 16 : index % 2 === 0 ? 10 : 24}
              />
            ))}

            {drawn
              .filter(({ line }) => line.number === shown)
              .map(({ line, points }) => (
                <g key={line.number} className={styles['above']} aria-hidden>
                  <polyline points={points.map((each) => each.join(',')).join(' ')} />
                  {points.map(([x, y], index) => (
                    <circle key={index} cx={x} cy={y} r={3.2} />
                  ))}
                </g>
              ))}
          </svg>
        )}
      </div>
      <p id={hintId} className={styles['reading']} aria-live="polite">
        {trial !== undefined && shown !== null && (
          <>
            {marked === null ? 'Best: trial' : 'Trial'} {shown + 1}: {valuesText(sweep, trial)} →{' '}
            <b>{scoreText(sweep, trial)}</b>
          </>
        )}
      </p>
    </Card>
  );
}

function lineText(sweep: Sweep, number: number): string {
  const trial = sweep.trials[number];
  return trial === undefined ? '' : `Trial ${number + 1}, ${scoreText(sweep, trial)}: ${valuesText(sweep, trial)}`;
}

interface UprightProps {
  readonly axis: Axis;
  readonly x: number;
  readonly last: boolean;
  readonly labelY: number;
}

/** An axis with its values, those of the last at its right. */
function Upright({ axis, x, last, labelY }: UprightProps) {
  return (
    <g aria-hidden>
      <text className={styles['label']} x={x} y={labelY} textAnchor={last ? 'end' : 'middle'} dx={last ? 40 : 0}>
        {axis.label}
      </text>
      <line className={styles['axis']} x1={x} x2={x} y1={placeY(0)} y2={placeY(1)} />
      {axis.ticks.map(({ place, text }) => (
        <text
          key={place}
          className={styles['tick']}
          x={last ? x + 8 : x - 8}
          y={placeY(place)}
          dy="0.32em"
          textAnchor={last ? 'start' : 'end'}
        >
          {text}
        </text>
      ))}
    </g>
  );
}

function pointsOf({ places }: TrialLine, axes: number, width: number): readonly Point[] {
  return places.map((place, index) => [placeX(index, axes, width), placeY(place)] as const);
}

function placeX(index: number, axes: number, width: number): number {
  const inner = width - margin.left - margin.right;
  return margin.left + (axes < 2 ? inner / 2 : (index / (axes - 1)) * inner);
}

function placeY(place: number): number {
  return height - margin.bottom - place * (height - margin.top - margin.bottom);
}

/** Pixels between a point and a line of several parts. */
function distance(points: readonly Point[], [x, y]: Point): number {
  let least = Infinity;
  for (const [index, [toX, toY]] of points.entries()) {
    const [fromX, fromY] = points[index - 1] ?? [toX, toY];
    const [dx, dy] = [toX - fromX, toY - fromY];
    const length = dx * dx + dy * dy;
    const along = length === 0 ? 0 : Math.min(1, Math.max(0, ((x - fromX) * dx + (y - fromY) * dy) / length));
    least = Math.min(least, Math.hypot(x - fromX - along * dx, y - fromY - along * dy));
  }
  return least;
}
