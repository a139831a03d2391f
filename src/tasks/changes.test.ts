import { expect, test } from 'vitest';
import { changesOf, changesSchema, firstChanges, type Changes } from './changes';
import type { Outcome, Outcomes } from './outcomes';

const outcome = (right: boolean | null, score: number): Outcome => ({ right, score, said: `said at ${score}` });

function outcomes(pairs: readonly (readonly [Outcome, Outcome])[]): Outcomes {
  return {
    samples: pairs.map((_, at) => ({ imageId: `d/${at}`, wanted: `picture ${at}` })),
    base: pairs.map(([base]) => base),
    tuned: pairs.map(([, tuned]) => tuned),
    turned: { fixed: 2, broken: 1, pValue: 1 },
  };
}

const ids = (changes: Changes | null, kind: 'fixed' | 'broken' | 'wrong'): readonly string[] =>
  (changes?.[kind].samples ?? []).map(({ imageId }) => imageId);

test('samples that are right now and were not come first by how much that changed', () => {
  const changes = changesOf(
    outcomes([
      [outcome(false, 0.4), outcome(true, 0.6)],
      [outcome(true, 0.9), outcome(false, 0.1)],
      [outcome(false, 0.1), outcome(true, 0.9)],
      [outcome(true, 0.8), outcome(true, 0.9)],
      [outcome(false, 0.2), outcome(false, 0.3)],
      [outcome(false, 0.2), outcome(false, 0.1)],
    ]),
  );
  expect(ids(changes, 'fixed')).toEqual(['d/2', 'd/0']);
  expect(ids(changes, 'broken')).toEqual(['d/1']);
  expect(ids(changes, 'wrong')).toEqual(['d/5', 'd/4']);
  expect(changes).toMatchObject({ measured: 6, decided: true, pValue: 1 });
  expect(changesSchema.parse(structuredClone(changes))).toEqual(changes);
});

test('without right and wrong, scores that moved count, and the lowest are shown', () => {
  const changes = changesOf(
    outcomes([
      [outcome(null, 1), outcome(null, 3)],
      [outcome(null, 2), outcome(null, 2)],
      [outcome(null, 5), outcome(null, 1)],
    ]),
  );
  expect(changes?.decided).toBe(false);
  expect([ids(changes, 'fixed'), ids(changes, 'broken')]).toEqual([['d/0'], ['d/2']]);
  expect(ids(changes, 'wrong')).toEqual(['d/2', 'd/1', 'd/0']);
});

test('errors are told from scores: none is better than 0', () => {
  const errors = (...pairs: readonly (readonly [number, number])[]): boolean | undefined =>
    changesOf(outcomes(pairs.map(([base, tuned]) => [outcome(null, base), outcome(null, tuned)])))?.errors;
  expect(errors([-2.5, -0.5], [-1, -0])).toBe(true);
  expect(errors([-2.5, -0.5], [-1, 0.1])).toBe(false);
  expect(changesSchema.parse({ ...firstChanges(changesOf(outcomes([]))!, 1), errors: undefined }).errors).toBe(false);
});

test('what is kept says how many there were', () => {
  const changes = changesOf(outcomes(Array.from({ length: 5 }, () => [outcome(false, 0), outcome(true, 1)] as const)));
  const kept = firstChanges(changes!, 2);
  expect([kept.fixed.count, kept.fixed.samples.length]).toEqual([5, 2]);
});

test('a base model that stands alone has changed nothing', () => {
  expect(changesOf({ ...outcomes([]), tuned: null, turned: null })).toBeNull();
});
