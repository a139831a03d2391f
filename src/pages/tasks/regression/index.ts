import { regression } from '../../../tasks/regression';
import { viewOf } from '../view';
import { cautions } from './cautions';
import { Ratings } from './Ratings';
import { Report } from './Report';

export const regressionView = viewOf(regression, {
  Predictions: Ratings,
  Report,
  known: () => '',
  cautions,
  // A number is no words to look for.
  question: () => null,
  unable: (split) =>
    `There are no ${split} pictures with a number. Change the split, or which columns hold numbers, on the Data page.`,
  evaluation: 'Evaluation compares the numbers that samples are given with those of their columns.',
  evaluating: (pictures) =>
    `Evaluating asks a trained head for the numbers of each of ${pictures}. It is compared with saying the mean of the training samples each time, since a base model knows no numbers.`,
});
