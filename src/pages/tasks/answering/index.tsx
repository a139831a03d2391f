import { plural } from '../../../components/format';
import { answering } from '../../../tasks/answering';
import { metrics } from '../../../tasks/answering/metrics';
import { picturesMetric } from '../../../tasks/metrics';
import { questionsMetric } from '../../../tasks/words/metrics';
import type { EvaluationReport } from '../../../protocol/evaluation';
import type { Caution } from '../../evaluate/cautions';
import { viewOf } from '../view';
import { WordReport } from '../words/WordReport';
import { WrittenTexts } from '../words/WrittenTexts';

export const answeringView = viewOf(answering, {
  Predictions: ({ predictions }) => (
    <WrittenTexts
      title="What it answers"
      before="Questions about validation pictures with what is answered appear here after the first evaluation."
      hint="Questions about validation pictures with what would be right, and what is answered."
      predictions={predictions}
    />
  ),
  Report: ({ report, tunedName }) => (
    <WordReport
      title="Answers"
      hint={`What is answered to each of ${plural(report.base[questionsMetric] ?? NaN, 'question')} about ${plural(report.base[picturesMetric] ?? NaN, 'picture')}.`}
      note="VQA accuracy is that of the VQA challenge: with ten answers to a question, one that three people gave counts in full. Exact match takes case and spaces out of account and nothing else."
      metrics={metrics}
      report={report}
      tunedName={tunedName}
    />
  ),
  known: ({ questions = 0 }) => (questions === 0 ? '' : plural(questions, 'question')),
  cautions,
  writes: true,
  unable: (split) =>
    `There are no ${split} pictures with answered questions. Change the split, or which columns hold questions and answers, on the Data page.`,
  evaluation: 'Evaluation has the model answer questions and holds its answers against those that were given.',
  evaluating: (pictures) => `Evaluating has both models answer every question about ${pictures}.`,
});

/** Questions that could not be measured. */
function cautions({ about }: EvaluationReport): readonly Caution[] {
  const { unanswered = 0 } = about;
  if (unanswered === 0) return [];
  return [
    {
      id: 'unanswered',
      title: `${plural(unanswered, 'question')} of the dataset ${unanswered === 1 ? 'has' : 'have'} no answer.`,
      text: 'Without one a question takes no part, in training as in evaluation.',
    },
  ];
}
