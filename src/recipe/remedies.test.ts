import { describe, expect, it } from 'vitest';
import { defaultRecipe, withFields, type RecipeChange } from './fields';
import { remediesFor, remedySentence } from './remedies';
import { recipeSchema, type Recipe } from './schema';

/** Bytes of a made-up model: what rows keep, a third of it with checkpointing or in half precision, and what is trained. */
function need(recipe: Recipe): number {
  const rows = recipe.microBatchSize === 0 ? recipe.batchSize : Math.min(recipe.batchSize, recipe.microBatchSize);
  const trained = recipe.method.freeze === 'projections' ? 1 : 20;
  return rows * (recipe.gradientCheckpointing || recipe.mixedPrecision ? 1 : 3) + trained;
}

const recipe = withFields(defaultRecipe, { batchSize: 48, freeze: 'full' });
const remedies = (capacity: number, changes: RecipeChange = {}, mixedPrecision = false) =>
  remediesFor(withFields(recipe, changes), { batch: 48, mixedPrecision, fits: (changed) => need(changed) <= capacity });

describe('remedies', () => {
  it('begin with what leaves the result as it is, each as mild as is enough', () => {
    expect(remedies(70)).toEqual([
      { advice: 'use micro-batches of 16', change: { microBatchSize: 16 } },
      { advice: 'switch gradient checkpointing on', change: { gradientCheckpointing: true } },
      { advice: 'set the batch size to 16', change: { batchSize: 16 } },
    ]);
  });

  it('leave out what is not enough', () => {
    expect(remedies(60).map(({ change }) => change)).toEqual([{ microBatchSize: 8 }, { batchSize: 8 }]);
    expect(remedies(19)).toEqual([]);
  });

  it('offer mixed precision where the machine has it and the recipe does not', () => {
    const offered = (changes: RecipeChange, mixedPrecision: boolean) =>
      remedies(70, changes, mixedPrecision).filter(({ change }) => change.mixedPrecision === true);
    expect(offered({}, true)).toEqual([{ advice: 'use mixed precision', change: { mixedPrecision: true } }]);
    expect(offered({}, false)).toEqual([]);
    expect(offered({ mixedPrecision: true, batchSize: 512 }, true)).toEqual([]);
  });

  it('combine two where neither is enough alone', () => {
    expect(remedies(22).map(({ change }) => change)).toEqual([{ microBatchSize: 2, gradientCheckpointing: true }]);
  });

  it('go beyond what is already switched on', () => {
    const smaller = remedies(26, { microBatchSize: 8, gradientCheckpointing: true });
    expect(smaller.map(({ change }) => change)).toEqual([
      { microBatchSize: 4 },
      { batchSize: 4 },
      { freeze: 'projections' },
    ]);
  });

  it('end with the projections, and name a smaller model where nothing helps', () => {
    const last = remediesFor(recipe, {
      batch: 48,
      mixedPrecision: true,
      fits: ({ method: { freeze } }) => freeze === 'projections',
    });
    expect(last).toEqual([{ advice: 'train the matching layers only', change: { freeze: 'projections' } }]);
    expect(remedySentence([])).toBe('Choose a smaller model.');
  });

  it('are recipes', () => {
    for (let batch = 2; batch < 1024; batch += 51) {
      const options = { batch, mixedPrecision: true, fits: () => true };
      for (const { change } of remediesFor({ ...recipe, batchSize: batch }, options)) {
        expect(recipeSchema.safeParse(withFields(recipe, change)).success).toBe(true);
      }
    }
  });

  it('read as a sentence', () => {
    expect(remedySentence(remedies(70))).toBe(
      'To make it fit, use micro-batches of 16, switch gradient checkpointing on, or set the batch size to 16.',
    );
  });
});
