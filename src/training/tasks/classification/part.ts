import type { Recipe } from '../../../recipe/schema';
import type { TaughtView } from '../../data/taught-view';
import type { ZeroShotQuestion } from '../heads/zero-shot';

/** What of a recipe concerns classification alone. */
export type ClassificationPart = Extract<Recipe['task'], { type: 'classification' }>;

/** What of samples the base model is asked with: the pictures, the first text of each, or both. */
export function readWords(
  view: TaughtView,
  { input }: Pick<ClassificationPart, 'input'>,
  samples: readonly number[],
): Pick<ZeroShotQuestion, 'pictures' | 'words'> {
  return {
    pictures: input !== 'words',
    words: input === 'picture' ? null : samples.map((sample) => view.words[sample]?.[0] ?? null),
  };
}
