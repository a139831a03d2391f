import { expect, test } from 'vitest';
import { recipeOf } from '../testing/fakes';
import { tinyQuestions } from '../testing/tiny-generator';
import { tinyDataset } from '../testing/tiny-model';
import type { QuestionView } from '../data/question-view';
import { reworded } from './reworded';

const louder = (text: string): string => text.toUpperCase();

test('of captions that are matched with pictures all are changed', async () => {
  const { view } = await tinyDataset();
  const changed = reworded({ view, recipe: recipeOf({ task: 'contrastive' }) }, louder);
  expect(changed?.captions).toEqual(view.captions.map(louder));
  expect(changed?.images).toBe(view.images);
});

test('captions that a model is to write are not changed, for it reads none', async () => {
  const { view } = await tinyDataset();
  expect(reworded({ view, recipe: recipeOf({ task: 'captioning' }) }, louder)).toBeNull();
});

test('of questions the words are changed, and the answers stay', async () => {
  const { view } = await tinyQuestions();
  const changed = reworded({ view, recipe: recipeOf({ task: 'answering' }) }, louder) as QuestionView;
  expect(changed.questionsOf).toEqual(
    view.questionsOf.map((asked) => asked.map(({ question, answers }) => ({ question: louder(question), answers }))),
  );
});
