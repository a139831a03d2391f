import { captionKey } from '../../../dataset/caption-groups';
import { pairsOf, type DatasetView } from '../../data/dataset-view';
import { distinctAnswers, learnedAs, type QuestionView } from '../../data/question-view';

/** What there is to learn and to write, whether captions or answers. */

/** A picture, what is asked of it, and one text that would be right. */
export interface Example {
  /** Place of the picture in the view. */
  readonly image: number;
  /** Null where nothing is asked. */
  readonly question: string | null;
  readonly text: string;
  /** Share of those who gave this answer to the question; 1 for captions. */
  readonly weight: number;
}

/** A picture, with what is asked of it, that a text is written for. */
export interface Subject {
  readonly image: number;
  readonly question: string | null;
  /** All that would be right; answers as often as they were given. */
  readonly references: readonly string[];
}

/** Each picture with each of its captions. */
export function captionExamples(view: DatasetView, images: readonly number[]): readonly Example[] {
  return pairsOf(view, images).map(({ image, caption }) => ({
    image,
    question: null,
    text: view.captions[caption] ?? '',
    weight: 1,
  }));
}

/** Each picture with all of its captions. */
export function captionSubjects(view: DatasetView, images: readonly number[]): readonly Subject[] {
  return images.map((image) => ({ image, question: null, references: view.images[image]?.captions ?? [] }));
}

/** Each question of each picture with each of its distinct answers; as many as the view has pairs. */
export function answerExamples(view: QuestionView, images: readonly number[]): readonly Example[] {
  return images.flatMap((image) => {
    const known = new Set<string>();
    return (view.questionsOf[image] ?? []).flatMap((asked): Example[] => {
      const given = distinctAnswers(asked);
      return given.flatMap(({ answer, count }) => {
        const key = captionKey(learnedAs(asked.question, answer));
        if (known.has(key)) return [];
        known.add(key);
        return [{ image, question: asked.question, text: answer, weight: count / asked.answers.length }];
      });
    });
  });
}

/** Each question of each picture with its answers. */
export function answerSubjects(view: QuestionView, images: readonly number[]): readonly Subject[] {
  return images.flatMap((image) =>
    (view.questionsOf[image] ?? []).map(({ question, answers }) => ({ image, question, references: answers })),
  );
}

/** So many of a list, evenly spread over it; all where there are fewer, and for 0. */
export function spread<Item>(items: readonly Item[], count: number): readonly Item[] {
  if (count === 0 || items.length <= count) return items;
  return Array.from({ length: count }, (_, i) => items[Math.floor(((i + 0.5) * items.length) / count)] as Item);
}
