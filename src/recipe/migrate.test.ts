import { describe, expect, it } from 'vitest';
import { applyPreset } from './presets';
import { defaultRecipe } from './fields';
import { recipeVersion, recordedRecipe, restoreRecipe, versionedRecipe } from './migrate';
import { recipeSchema } from './schema';
import type { Fields } from './versions';

const stored = (changes: Fields): Fields => ({ ...structuredClone(defaultRecipe), ...changes });

describe('a recipe of another version', () => {
  const renamed = ({ stepSize, ...rest }: Fields): Fields => ({ ...rest, learningRate: stepSize });
  const halved = ({ epochs, ...rest }: Fields): Fields => ({ ...rest, epochs: (epochs as number) / 2 });

  it('passes all migrations from its own version on', () => {
    const { learningRate, ...first } = stored({ stepSize: 0.01, epochs: 8 });
    expect(learningRate).toBeDefined();
    const expected = { ...defaultRecipe, learningRate: 0.01, epochs: 4 };
    expect(restoreRecipe(first, defaultRecipe, [renamed, halved])).toEqual({ recipe: expected, problems: [] });
    expect(recordedRecipe(first, [renamed, halved])).toEqual({ recipe: expected, problems: [] });
    const second = { ...stored({ learningRate: 0.01, epochs: 8 }), version: 2 };
    expect(recordedRecipe(second, [renamed, halved]).recipe).toEqual(expected);
    const third = { ...stored({ learningRate: 0.01, epochs: 4 }), version: 3 };
    expect(recordedRecipe(third, [renamed, halved])).toEqual({ recipe: expected, problems: [] });
  });

  it('of which a migration fails is read field by field all the same', () => {
    const broken = (): never => {
      throw new Error('no');
    };
    const { recipe, problems } = recordedRecipe(stored({ epochs: 8 }), [broken]);
    expect(recipe.epochs).toBe(8);
    expect(problems).toHaveLength(1);
  });

  it('of a later version gives what is known of it', () => {
    const { recipe, problems } = recordedRecipe({ ...stored({ epochs: 8, warmth: 3 }), version: 99 });
    expect(recipe.epochs).toBe(8);
    expect(problems).toEqual(['Unknown and left out: “warmth”.']);
  });

  it('is written with its version, which is no field of it', () => {
    const recipe = applyPreset('quick');
    expect(versionedRecipe(recipe).version).toBe(recipeVersion);
    expect(restoreRecipe(versionedRecipe(recipe))).toEqual({ recipe, problems: [] });
  });
});

describe('a recipe of version 3', () => {
  const task = { type: 'image-classification', classWeights: 'balanced', promptTemplate: 'ein {}' };

  it('that taught classes goes on to do so', () => {
    const { recipe, problems } = recordedRecipe({ ...stored({ task }), version: 3 });
    expect(problems).toEqual([]);
    expect(recipe.task).toMatchObject({ ...task, type: 'classification' });
  });

  it('without its task still has none', () => {
    expect(restoreRecipe({ epochs: 3, version: 3 })).toEqual({ recipe: { ...defaultRecipe, epochs: 3 }, problems: [] });
  });
});

describe('the recipe of a run', () => {
  it('keeps numbers that today would not be taken, and says so', () => {
    const { recipe, problems } = recordedRecipe(stored({ learningRate: 7, batchSize: 2.5 }));
    expect(recipe).toMatchObject({ learningRate: 7, batchSize: 2.5 });
    expect(problems).toHaveLength(2);
    expect(problems.join()).toContain('Learning rate: “7” is none that recipes take today (from 1e-8 to 1).');
    expect(recipeSchema.safeParse(restoreRecipe(recipe).recipe).success).toBe(true);
  });

  it('says what it shows instead of a choice that is not known any more', () => {
    const { recipe, problems } = recordedRecipe(
      stored({ schedule: 'zigzag', augmentFlip: 'often', model: 'odd name!' }),
    );
    expect(recipe).toMatchObject({ schedule: 'cosine', augmentFlip: false, model: 'odd name!' });
    expect(problems.join(' ')).toContain('Schedule: “zigzag” is not known any more; “cosine” is shown instead.');
  });

  it.each([undefined, null, 3, 'recipe', [], {}])('is the default one where there is none: %j', (value) => {
    expect(recordedRecipe(value).recipe).toEqual(defaultRecipe);
  });

  it('takes numbers that are none for missing', () => {
    for (const value of [NaN, Infinity, null, '3']) {
      expect(recordedRecipe(stored({ learningRate: value })).recipe.learningRate).toBe(defaultRecipe.learningRate);
    }
  });
});
