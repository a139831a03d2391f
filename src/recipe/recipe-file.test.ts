import { expect, test } from 'vitest';
import { defaultRecipe, withFields } from './fields';
import { versionedRecipe } from './migrate';
import { recipeInFile, RecipeFileError } from './recipe-file';

const recipe = withFields(defaultRecipe, { task: 'regression', learningRate: 3e-3, headWidth: 8 });
const stored = versionedRecipe(recipe);

test('a recipe is found by itself and among the rest of a run', () => {
  for (const content of [stored, { format: 'vernier-run', name: 'x', recipe: stored, test: null }]) {
    expect(recipeInFile('run.json', JSON.stringify(content))).toMatchObject({ recipe, problems: [] });
  }
});

test('what does not fit is told and left out', () => {
  const text = JSON.stringify({ recipe: { ...stored, learningRate: 'fast', oddity: 1 } });
  const { recipe: opened, problems } = recipeInFile('run.json', text);
  expect(opened.learningRate).toBe(defaultRecipe.learningRate);
  expect(problems.join(' ')).toMatch(/Learning rate.*oddity/s);
});

test.each([
  ['', 'no JSON'],
  ['{"recipe":', 'no JSON'],
  ['[]', 'holds no recipe'],
  ['null', 'holds no recipe'],
  ['{"recipe": null, "architectures": ["CLIPModel"]}', 'holds no recipe'],
  ['{"recipe": {"learningRate": 1}}', 'holds no recipe'],
])('%j is refused with the name of the file', (text, reason) => {
  expect(() => recipeInFile('odd.json', text)).toThrow(RecipeFileError);
  expect(() => recipeInFile('odd.json', text)).toThrow(reason);
  expect(() => recipeInFile('odd.json', text)).toThrow('odd.json');
});
