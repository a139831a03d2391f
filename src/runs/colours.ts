import type { Run } from './types';
import { runColours } from './types';

/** The colours of runs, by which they are known in lists and charts: `--run-1` to `--run-6`. A run keeps the one that it was given when it began. */

type Coloured = Pick<Run, 'id' | 'colour'>;

/** Colour of each run by its id. One of a version that gave none has it by its place, counted from the oldest. */
export function coloursOf(newestFirst: readonly Coloured[]): ReadonlyMap<string, number> {
  return new Map(
    newestFirst.map(({ id, colour }, index) => [id, colour ?? ((newestFirst.length - 1 - index) % runColours) + 1]),
  );
}

/** Colour of the run that begins next: the one behind that of the newest. */
export function nextColour(newestFirst: readonly Coloured[]): number {
  const [newest] = newestFirst;
  return newest === undefined ? 1 : ((coloursOf(newestFirst).get(newest.id) ?? 0) % runColours) + 1;
}
