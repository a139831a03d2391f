import { captionKey } from './caption-groups';
import { columnsWithRole, labelsOf, numberIn, questionsOf, type Columned } from './columns';
import type { SampleRecord } from './types';

/** What of the data a task is taught from: captions of pictures, or the columns with the roles of labels, numbers, or questions and answers. */
export type TaughtBy = 'captions' | 'labels' | 'numbers' | 'questions';

/** What a sample says, besides its picture. */
type Words = Pick<SampleRecord, 'captions' | 'split' | 'fields'>;

/**
 * How many things there are to learn of a sample: pairs of its picture and a caption, or of a question and one of its different answers; one for a
 * label, or for a number. 0: it takes no part.
 */
export function lessonsIn(dataset: Columned, sample: Words, by: TaughtBy): number {
  switch (by) {
    case 'captions':
      return sample.captions.length;
    case 'labels':
      return labelsOf(dataset, sample).length > 0 ? 1 : 0;
    case 'numbers':
      return columnsWithRole(dataset, 'number').some((column) => numberIn(sample, column) !== null) ? 1 : 0;
    case 'questions':
      return questionsOf(dataset, sample).reduce((sum, { answers }) => sum + new Set(answers.map(captionKey)).size, 0);
  }
}

const all: readonly TaughtBy[] = ['captions', 'labels', 'numbers', 'questions'];

/** True for a sample of which something is said that can be taught, by whatever task. */
export function isTaught(dataset: Columned, sample: Words): boolean {
  return all.some((by) => lessonsIn(dataset, sample, by) > 0);
}
