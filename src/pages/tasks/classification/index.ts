import { classification } from '../../../tasks/classification';
import { viewOf } from '../view';
import { cautions } from './cautions';
import { Guesses } from './Guesses';
import { classQuestion } from './question';
import { Report } from './Report';

export const classificationView = viewOf(classification, {
  Predictions: Guesses,
  Report,
  known: () => '',
  cautions,
  question: classQuestion,
  unable: (split) =>
    `There are no labelled ${split} pictures. Change the split, or which column holds the labels, on the Data page.`,
  evaluation: 'Evaluation compares the classes that pictures are taken for with their labels.',
  evaluating: (pictures) =>
    `Evaluating asks the base model in words, and a trained head, for the class of each of ${pictures}.`,
});
