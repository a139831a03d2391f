import { expect, test } from 'vitest';
import { coloursOf, nextColour } from './colours';

test('a run keeps its colour when others are made or deleted, and neighbours differ', () => {
  let runs: { id: string; colour?: number }[] = [{ id: 'of a version before' }];
  const given = new Map<string, number>();
  for (let made = 0; made < 20; made++) {
    const run = { id: `run ${made}`, colour: nextColour(runs) };
    expect(run.colour).not.toBe(coloursOf(runs).get(runs[0]!.id));
    given.set(run.id, run.colour);
    runs = [run, ...runs];
    if (made % 3 === 2) runs = runs.filter((_, place) => place !== 1);
    for (const [id, colour] of coloursOf(runs)) if (given.has(id)) expect(colour).toBe(given.get(id));
  }
  expect(new Set(given.values())).toEqual(new Set([1, 2, 3, 4, 5, 6]));
});

test('the first run has the first colour', () => {
  expect(nextColour([])).toBe(1);
});
