import { escapeHtml } from './html';

/** A curve of a report, with steps along the bottom. */
export interface Curve {
  readonly title: string;
  /** Pairs of step and value, in the order of steps; at least one. */
  readonly points: readonly (readonly [step: number, value: number])[];
  /** Value of the base model; null where it has none. */
  readonly base: number | null;
  readonly text: (value: number) => string;
  /** Every point is marked. */
  readonly dots: boolean;
}

const [width, height] = [420, 200];
const [left, right, top, bottom] = [56, 12, 12, 26];
/** Points that a line is drawn with at most. */
const most = 600;

/** The curve as SVG, which needs nothing outside of itself. */
export function lineChart({ title, points, base, text, dots }: Curve): string {
  const finite = points.filter(([, value]) => Number.isFinite(value));
  if (finite.length === 0) return '';
  const values = [...finite.map(([, value]) => value), ...(base === null ? [] : [base])];
  const [least, largest] = values.reduce(
    ([a, b], value) => [Math.min(a, value), Math.max(b, value)],
    [Infinity, -Infinity],
  );
  // What never changes lies in the middle.
  const room = least === largest ? Math.abs(least) / 20 || 1 : 0;
  const [low, high] = [least - room, largest + room];
  const first = finite[0]?.[0] ?? 0;
  const last = finite.at(-1)?.[0] ?? 0;
  const x = (step: number): string =>
    (left + ((step - first) / Math.max(last - first, 1)) * (width - left - right)).toFixed(1);
  const y = (value: number): string =>
    (height - bottom - ((value - low) / (high - low)) * (height - top - bottom)).toFixed(1);
  const line = thinned(finite).map(([step, value]) => `${x(step)},${y(value)}`);
  const marks = dots
    ? finite.map(([step, value]) => `<circle cx="${x(step)}" cy="${y(value)}" r="2.5"/>`).join('')
    : '';
  const baseline =
    base === null
      ? ''
      : `<line class="base" x1="${left}" x2="${width - right}" y1="${y(base)}" y2="${y(base)}"><title>Base model: ${escapeHtml(text(base))}</title></line>`;
  const label = `${title}: ${text(finite[0]?.[1] ?? NaN)} at step ${first}, ${text(finite.at(-1)?.[1] ?? NaN)} at step ${last}`;
  return `<figure><figcaption>${escapeHtml(title)}</figcaption>
<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeHtml(label)}">
<path class="axis" d="M${left} ${top}V${height - bottom}H${width - right}"/>
<text x="${left - 6}" y="${y(high)}" text-anchor="end" dominant-baseline="middle">${escapeHtml(text(high))}</text>
<text x="${left - 6}" y="${y(low)}" text-anchor="end" dominant-baseline="middle">${escapeHtml(text(low))}</text>
<text x="${left}" y="${height - 8}">step ${first}</text>
<text x="${width - right}" y="${height - 8}" text-anchor="end">${last}</text>
${baseline}<polyline points="${line.join(' ')}"/>${marks}
</svg></figure>`;
}

/** Every n-th point, and the last. */
function thinned<T>(points: readonly T[]): readonly T[] {
  const every = Math.ceil(points.length / most);
  return points.filter((_, index) => index % every === 0 || index === points.length - 1);
}
