import type { Point } from './envelope';

/** Curves as SVG paths, in pixels with one digit. */

/** Where things lie in pixels. */
export interface Placing {
  readonly x: (point: Point) => number;
  readonly y: (point: Point) => number;
}

interface Placed {
  readonly x: number;
  readonly y: number;
}

/**
 * A line through the points, broken at gaps; a point between two gaps is a line of no length, which round ends make a dot. Of points in one column of
 * pixels, no more than the first, lowest, highest and last are used: the others would be covered by the line through these.
 */
export function linePath(points: readonly Point[], { x, y }: Placing): string {
  const path: string[] = [];
  let column: Placed[] = [];
  let drawn = 0;
  const draw = (placed: Placed): void => {
    path.push(`${drawn++ === 0 ? 'M' : 'L'}${brief(placed.x)} ${brief(placed.y)}`);
  };
  const endColumn = (): void => {
    extremes(column).forEach(draw);
    column = [];
  };
  const endLine = (): void => {
    endColumn();
    if (drawn === 1) path.push('h0');
    drawn = 0;
  };
  for (const point of points) {
    if (Number.isNaN(point.value)) {
      endLine();
      continue;
    }
    const placed = { x: x(point), y: y(point) };
    const [begun] = column;
    if (begun !== undefined && Math.floor(begun.x) !== Math.floor(placed.x)) endColumn();
    column.push(placed);
  }
  endLine();
  return path.join('');
}

/**
 * A line of no length at each point; round ends make them dots. Where they are too many to be told apart there are none: the line says it all.
 *
 * @param size of a dot
 */
export function dotsPath(points: readonly Point[], { x, y }: Placing, size: number): string {
  const placed = points.filter(({ value }) => !Number.isNaN(value)).map((point) => ({ x: x(point), y: y(point) }));
  const span = (placed.at(-1)?.x ?? 0) - (placed[0]?.x ?? 0);
  // A line of a few dots' length alone would hardly be seen.
  if (span > 4 * size && span < size * (placed.length - 1)) return '';
  return placed.map((at) => `M${brief(at.x)} ${brief(at.y)}h0`).join('');
}

/** First, lowest, highest and last, in their order, each once. */
function extremes(column: readonly Placed[]): readonly Placed[] {
  if (column.length <= 2) return column;
  let [low, high] = [0, 0];
  column.forEach(({ y }, place) => {
    if (y < (column[low] as Placed).y) low = place;
    if (y > (column[high] as Placed).y) high = place;
  });
  const places = new Set([0, Math.min(low, high), Math.max(low, high), column.length - 1]);
  return [...places].map((place) => column[place] as Placed);
}

function brief(pixels: number): string {
  return String(Math.round(10 * pixels) / 10);
}
