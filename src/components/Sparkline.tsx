import styles from './Sparkline.module.css';

interface SparklineProps {
  /** Oldest first; what is not finite is left out. */
  readonly values: ArrayLike<number>;
  /** What it shows, for screen readers. */
  readonly label: string;
}

/** Points that a line has at most: more are narrower than a pixel. */
const most = 120;
const width = 160;
const height = 36;
/** Room for the width of the line. */
const margin = 2;

/** A curve without axes, in passing. */
export function Sparkline({ values, label }: SparklineProps) {
  const shown = thinned(values);
  if (shown.length < 2) return null;
  const low = Math.min(...shown);
  const span = Math.max(...shown) - low || 1;
  const points = shown.map((value, index) => {
    const x = margin + (index / (shown.length - 1)) * (width - 2 * margin);
    const y = height - margin - ((value - low) / span) * (height - 2 * margin);
    return `${x.toFixed(1)},${y.toFixed(1)}`;
  });
  return (
    <svg className={styles['line']} viewBox={`0 0 ${width} ${height}`} role="img" aria-label={label}>
      <polyline points={points.join(' ')} />
    </svg>
  );
}

/** Means of as many stretches as there are points. */
function thinned(values: ArrayLike<number>): readonly number[] {
  const finite = Array.from(values).filter(Number.isFinite);
  const count = Math.min(most, finite.length);
  return Array.from({ length: count }, (_, index) => {
    const part = finite.slice(
      Math.floor((index * finite.length) / count),
      Math.floor(((index + 1) * finite.length) / count),
    );
    return part.reduce((sum, value) => sum + value, 0) / part.length;
  });
}
