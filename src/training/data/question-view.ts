import { columnWithRole, questionsOf } from '../../dataset/columns';
import { captionKey } from '../../dataset/caption-groups';
import type { Question } from '../../dataset/questions';
import type { Dataset, SampleRecord } from '../../dataset/types';
import { StudioError } from '../../protocol/errors';
import { datasetView, type DatasetView } from './dataset-view';
import { readRecords } from './dataset-records';

/**
 * A dataset as answering sees it: pictures that are asked something that is answered. Each question with one of its answers stands in the place of a
 * caption, so that there are as many pairs as there is to learn.
 */
export interface QuestionView extends DatasetView {
  /** Per picture, what is asked of it and answered. Never empty. */
  readonly questionsOf: readonly (readonly Question[])[];
  /** Questions without an answer, which take no part. */
  readonly unanswered: number;
}

/** @throws DatasetError `not-found`; StudioError `too-few` where nothing is asked and answered */
export async function loadQuestionView(datasetId: string): Promise<QuestionView> {
  const { dataset, items } = await readRecords(datasetId);
  return questionView(dataset, items);
}

export async function questionView(dataset: Dataset, records: readonly SampleRecord[]): Promise<QuestionView> {
  let unanswered = 0;
  const questions = new Map<string, readonly Question[]>();
  const asked = records.flatMap((record): SampleRecord[] => {
    const all = questionsOf(dataset, record);
    const answered = all.filter(({ answers }) => answers.length > 0);
    unanswered += all.length - answered.length;
    if (answered.length === 0) return [];
    questions.set(record.id, answered);
    return [
      {
        ...record,
        captions: answered.flatMap((each) =>
          distinctAnswers(each).map(({ answer }) => learnedAs(each.question, answer)),
        ),
      },
    ];
  });
  if (asked.length === 0) {
    const missing = (['question', 'answer'] as const).filter((role) => columnWithRole(dataset, role) === null);
    const why =
      missing.length > 0
        ? `"${dataset.name}" has no column with ${missing.map((role) => `${role}s`).join(' and ')}`
        : `No picture of "${dataset.name}" has a question with an answer`;
    throw new StudioError(
      'too-few',
      `${why}. Add a table with a column of questions and one of answers; which columns these are is chosen on the Data page.`,
    );
  }
  const view = await datasetView(dataset, asked);
  return { ...view, questionsOf: view.images.map(({ id }) => questions.get(id) ?? []), unanswered };
}

/** Distinct answers of a question: those that differ by more than case and white space, as first written, each with how often it was given. */
export function distinctAnswers({ answers }: Question): readonly { readonly answer: string; readonly count: number }[] {
  const counts = new Map<string, { answer: string; count: number }>();
  for (const answer of answers) {
    const known = counts.get(captionKey(answer));
    if (known === undefined) counts.set(captionKey(answer), { answer, count: 1 });
    else known.count++;
  }
  return [...counts.values()];
}

/** How a question with one of its answers stands in the place of a caption. */
export function learnedAs(question: string, answer: string): string {
  return `${question}\n${answer}`;
}
