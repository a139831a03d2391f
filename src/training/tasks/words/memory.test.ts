import { expect, test } from 'vitest';
import type { RecipeChange } from '../../../recipe/fields';
import { runMemory, type RunSituation } from '../../session/run-memory';
import { recipeOf } from '../../testing/fakes';
import { tinyGenerator } from '../../testing/tiny-generator';
import { subjectRows } from './subject-pass';

const { architecture } = tinyGenerator();
const [blocks, width, patches] = [2, 16, 5];

function activations(changes: RecipeChange, evaluated = true): number {
  const situation: RunSituation = {
    architecture,
    kind: 'tfjs-wasm',
    mixedPrecision: false,
    trainPairs: 64,
    trainImages: 64,
    validationImages: 8,
    texts: 64,
    evaluated,
  };
  // A batch beside which what evaluation computes is small: only what it keeps is counted then.
  return runMemory(recipeOf({ batchSize: 64, ...changes }), situation)?.activations ?? NaN;
}

/** Bytes of keys and values of so many tokens in all blocks. */
const kept = (tokens: number): number => 4 * tokens * 2 * width * blocks;

test.each([1, 3])('what captions are written over is counted, with %i beams', (writtenBeams) => {
  const recipe = { task: 'captioning', longestCaption: 4, writtenBeams } as const;
  const short = activations(recipe);
  expect(short - activations(recipe, false)).toBe(kept(subjectRows * (writtenBeams * 4 + patches)));
  expect(activations({ ...recipe, longestCaption: 8 }) - short).toBe(kept(subjectRows * writtenBeams * 4));
  // The positions of the decoder end before that.
  expect(activations({ ...recipe, longestCaption: 100 }) - short).toBe(kept(subjectRows * writtenBeams * 6));
});

test('answers are written over their questions', () => {
  const recipe = { task: 'answering', longestAnswer: 4 } as const;
  const questionTokens = architecture.text.maxTokens;
  expect(activations(recipe) - activations(recipe, false)).toBe(kept(subjectRows * (4 + questionTokens)));
});
