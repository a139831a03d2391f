/** Colours in turn, `--run-1` to `--run-6`. */
const colours = 6;

/** Colour of the run before which `older` others were made, from 1. */
export function runColour(older: number): number {
  return (older % colours) + 1;
}

/** Colour of each run by its id. Counted from the oldest, so that a run keeps its colour when another is made. */
export function runColours(newestFirst: readonly string[]): ReadonlyMap<string, number> {
  return new Map(newestFirst.map((id, index) => [id, runColour(newestFirst.length - 1 - index)]));
}
