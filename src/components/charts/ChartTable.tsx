import { placeTick, type RunAxis } from './axis';
import { headlineText, type Headline } from './format';
import { nearest, type ChartSeries } from './series';
import styles from './LineChartCard.module.css';

/** Rows of the table that stands for a long curve. */
const rowLimit = 40;
/** Curves of up to so many values are read whole. */
const joinedLimit = 1000;

interface ChartTableProps {
  readonly title: string;
  readonly series: readonly ChartSeries[];
  readonly baseline: number | null;
  readonly axis: RunAxis;
  readonly format: (value: number) => Headline;
}

const placeName: Record<RunAxis, string> = { step: 'Step', epoch: 'Epoch', time: 'Time' };

/** The values of a chart as a table, newest last; long curves at evenly spread places. */
export function ChartTable({ title, series, baseline, axis, format }: ChartTableProps) {
  const places = tablePlaces(series);
  return (
    <div className={styles['table']} tabIndex={0} role="region" aria-label={`${title}, values`}>
      <table>
        <thead>
          <tr>
            <th scope="col">{placeName[axis]}</th>
            {series.map(({ id, label }) => (
              <th key={id} scope="col">
                {label}
              </th>
            ))}
            {baseline !== null && <th scope="col">Base model</th>}
          </tr>
        </thead>
        <tbody>
          {places.map((place) => (
            <tr key={place}>
              <th scope="row">{placeTick(axis, place)}</th>
              {series.map((each) => (
                <td key={each.id}>{valueAt(each, place, format)}</td>
              ))}
              {baseline !== null && <td>{headlineText(format(baseline))}</td>}
            </tr>
          ))}
          {places.length === 0 && (
            <tr>
              <td colSpan={series.length + 1 + (baseline === null ? 0 : 1)}>No values yet</td>
            </tr>
          )}
        </tbody>
      </table>
    </div>
  );
}

/** All places of the curves with few values (evaluations), else evenly spread ones; of long curves those of the longest. */
function tablePlaces(series: readonly ChartSeries[]): number[] {
  const dotted = series.filter(({ dots }) => dots === true);
  const source = dotted.length > 0 && dotted.some(({ x }) => x.length > 1) ? dotted : series;
  const longest = source.reduce<ArrayLike<number>>((most, { x }) => (x.length > most.length ? x : most), []);
  if (longest.length > joinedLimit) return evenly(longest);
  return evenly([...new Set(source.flatMap(({ x }) => Array.from(x)))].sort((a, b) => a - b));
}

function evenly(places: ArrayLike<number>): number[] {
  const count = Math.min(places.length, rowLimit);
  return Array.from(
    { length: count },
    (_, index) => places[Math.round((index * (places.length - 1)) / Math.max(1, count - 1))] as number,
  );
}

/** The value nearest to a place, where the curve has one about there. */
function valueAt(series: ChartSeries, place: number, format: (value: number) => Headline): string {
  const index = nearest(series.x, place);
  if (index === null) return '';
  if (series.dots === true && series.x[index] !== place) return '';
  return headlineText(format(series.y[index] as number));
}
