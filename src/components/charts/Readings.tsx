import { cx } from '../cx';
import { placeText, type RunAxis } from './axis';
import { colorOf } from './DrawnCurves';
import { headlineText, type Headline } from './format';
import { useHoveredPlace } from './hover';
import { nearest, type Curve } from './series';
import styles from './LineChartCard.module.css';

/** Most runs whose values stand beside the title; those of more stand below it. */
const beside = 3;

interface ReadingsProps {
  /** Of several runs. */
  readonly curves: readonly Curve[];
  readonly axis: RunAxis;
  readonly format: (value: number) => Headline;
}

/** The newest value of each run, or while hovering that which lies nearest, all as they are drawn: smoothed where the curves are. */
export function Readings({ curves, axis, format }: ReadingsProps) {
  const hovered = useHoveredPlace();
  return (
    <>
      {hovered !== null && <span className={cx(styles['reading'], styles['place'])}>{placeText(axis, hovered)}</span>}
      <span
        className={curves.length > beside ? styles['many'] : cx(styles['reading'], hovered !== null && styles['after'])}
      >
        {curves.map(({ series, course: { values } }) => {
          const at = hovered === null ? values.length - 1 : nearest(series.x, hovered);
          const known = at !== null && at >= 0;
          return (
            <span
              key={series.id}
              className={series.line?.dash ? styles['dashed'] : undefined}
              style={{ color: colorOf(series) }}
              title={series.label}
            >
              {known ? headlineText(format(values[at] as number)) : '–'}
            </span>
          );
        })}
      </span>
    </>
  );
}
