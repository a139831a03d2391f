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
  let path = '';
  let column: Placed[] = [];
  let drawn = 0;
  const draw = (placed: Placed): void => {
    path += `${drawn++ === 0 ? 'M' : 'L'}${brief(placed.x)} ${brief(placed.y)}`;
  };
  const endColumn = (): void => {
    extremes(column).forEach(draw);
    column = [];
  };
  const endLine = (): void => {
    endColumn();
    if (drawn === 1) path += 'h0';
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
  return path;
}

/** A line of no length at each point; round ends make them dots. Those that would cover each other are drawn once. */
export function dotsPath(points: readonly Point[], { x, y }: Placing): string {
  const taken = new Set<string>();
  let path = '';
  for (const point of points) {
    if (Number.isNaN(point.value)) continue;
    const placed = { x: x(point), y: y(point) };
    const pixel = `${Math.round(placed.x)} ${Math.round(placed.y)}`;
    if (taken.has(pixel)) continue;
    taken.add(pixel);
    path += `M${brief(placed.x)} ${brief(placed.y)}h0`;
  }
  return path;
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
