import { classification } from '../../../tasks/classification';
import { fieldOf } from '../../../recipe/fields';
import { fillTemplate } from '../../../training/label-template';
import { viewOf } from '../view';
import { cautions } from './cautions';
import { Guesses } from './Guesses';
import { Report } from './Report';

export const classificationView = viewOf(classification, {
  Predictions: Guesses,
  Report,
  known: () => '',
  cautions,
  question: ({ recipe, weightsStep }, who, label) =>
    // At step 0 nothing was trained that could answer.
    who === 'tuned' && weightsStep !== 0
      ? { kind: 'label', label }
      : { kind: 'words', text: fillTemplate(fieldOf(recipe, 'promptTemplate') ?? '{}', label) },
  unable: (split) =>
    `There are no labelled ${split} pictures. Change the split, or which column holds the labels, on the Data page.`,
  evaluation: 'Evaluation compares the classes that pictures are taken for with their labels.',
  evaluating: (pictures) =>
    `Evaluating asks the base model in words, and a trained head, for the class of each of ${pictures}.`,
});
