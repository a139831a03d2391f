import type { SourceFile } from '../source';
import { seededRandom } from './drawing';
import { generatedFiles } from './files';
import { askTwice, drawThings, randomThings, type QuestionVocabulary } from './questions';
import { otherWords } from './vocabularies';

export interface QuestionFilesOptions {
  /** How many pictures, each with up to ten questions. */
  readonly count?: number;
  readonly seed?: number;
  /** Pixels a side. */
  readonly side?: number;
  readonly vocabulary?: QuestionVocabulary;
}

/**
 * The generated sample, questions about shapes, as files of an import: each picture has the list of its questions and, aligned with
 * it, the answers that count as right (one each). The same options give the same bytes.
 */
export function questionFiles({
  count = 1000,
  seed = 1,
  side = 96,
  vocabulary = otherWords,
}: QuestionFilesOptions = {}): SourceFile[] {
  const random = seededRandom(seed);
  const pictures = Array.from({ length: count }, (_, i) => {
    const things = randomThings(vocabulary, random);
    const asked = askTwice(things, vocabulary, random);
    return {
      about: { question: asked.map(({ question }) => question), answer: asked.map(({ answer }) => [answer]) },
      draw: () => drawThings(things, vocabulary, side, seededRandom(seed * 65_537 + i)),
    };
  });
  return generatedFiles(pictures, side);
}
