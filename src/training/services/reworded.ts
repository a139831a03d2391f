import { taskOf } from '../../tasks';
import type { DatasetView } from '../data/dataset-view';
import type { QuestionView } from '../data/question-view';
import type { TaughtView } from '../data/taught-view';
import type { ReportOptions } from '../tasks/report';

/**
 * A view of the same pictures with other words for the model to read: captions that are matched, questions, or text beside pictures. Names of classes,
 * answers, and captions that it is to write stay.
 *
 * @returns null where the model reads no words
 */
export function reworded(
  { view, recipe }: Pick<ReportOptions, 'view' | 'recipe'>,
  change: (text: string) => string,
): DatasetView | null {
  const { from, needs } = taskOf(recipe);
  if (from === 'captions') {
    // What writes captions reads none.
    return needs === 'captioning' ? null : { ...view, captions: view.captions.map(change) };
  }
  if (from === 'questions') {
    const asking = view as QuestionView;
    const questionsOf = asking.questionsOf.map((asked) =>
      asked.map((each) => ({ ...each, question: change(each.question) })),
    );
    const misread: QuestionView = { ...asking, questionsOf };
    return misread;
  }
  const taught = view as TaughtView;
  if (taught.words.every((own) => own.length === 0)) return null;
  const misread: TaughtView = { ...taught, words: taught.words.map((own) => own.map(change)) };
  return misread;
}
