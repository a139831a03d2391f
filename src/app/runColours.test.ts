import { expect, it } from 'vitest';
import { runColour, runColours } from './runColours';

it('a run keeps its colour when others are made', () => {
  const ids = Array.from({ length: 20 }, (_, index) => `run ${index}`);
  const first = new Map<string, number>();
  for (let made = 1; made <= ids.length; made++) {
    const colours = runColours(ids.slice(0, made).reverse());
    for (const [id, colour] of colours) expect(colour).toBe(first.get(id) ?? runColour(made - 1));
    for (const [id, colour] of colours) first.set(id, colour);
  }
  expect(new Set(first.values())).toEqual(new Set([1, 2, 3, 4, 5, 6]));
});
