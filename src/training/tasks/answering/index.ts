import { answering } from '../../../tasks/answering';
import type { DatasetView } from '../../data/dataset-view';
import type { QuestionView } from '../../data/question-view';
import { answerExamples, answerSubjects } from '../words/examples';
import type { WordKind } from '../words/words';
import { measuredAnswers } from './measured';

/** Answers: each question of a picture with each of its distinct answers is learned, and one answer is written to each question. */
export const answers: WordKind = {
  description: answering,
  examples: (view, images) => answerExamples(asked(view), images),
  subjects: (view, images) => answerSubjects(asked(view), images),
  measured: measuredAnswers,
  about: (view) => ({ unanswered: asked(view).unanswered }),
  counted: 'questions',
};

function asked(view: DatasetView): QuestionView {
  if (!('questionsOf' in view)) throw new Error('This view of the data has no questions.');
  return view as QuestionView;
}
