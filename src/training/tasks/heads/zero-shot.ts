import { fillTemplate } from '../../label-template';
import { zeroShotLogits } from './linear-head';

/** Gives features in the space that pictures and words share, L2-normalised rows of `width`. */
export interface Embedder {
  readonly width: number;
  images(samples: readonly number[]): Promise<Float32Array>;
  texts(sentences: readonly string[]): Promise<Float32Array>;
  /** Natural logarithm of the scale of similarities. */
  logScale(): Promise<number>;
}

export interface ZeroShotQuestion {
  readonly classes: readonly string[];
  /** Sentences around the name of a class, one a line. */
  readonly templates: string;
  readonly samples: readonly number[];
  /** Whether pictures are looked at, and the words of samples read: the first text of each, null where it has none. */
  readonly pictures: boolean;
  readonly words: readonly (string | null)[] | null;
}

/** The sentences of a text, one a line; a class stands bare where there are none. */
export function templatesOf(text: string): readonly string[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines.length === 0 ? ['{}'] : lines;
}

/**
 * What a model makes of samples by the classes in words: scaled similarities of features. A class is the mean of its sentences, a sample that of its
 * picture and its words, each brought back to length 1 (Radford et al. 2021, arXiv 2103.00020, section 3.1.4).
 *
 * @returns logits `[samples, classes]`
 */
export async function zeroShot(embedder: Embedder, question: ZeroShotQuestion): Promise<Float32Array> {
  const { classes, templates, samples, pictures, words } = question;
  const { width } = embedder;
  const sentences = templatesOf(templates);
  const all = await embedder.texts(
    sentences.flatMap((template) => classes.map((label) => fillTemplate(template, label))),
  );
  const size = classes.length * width;
  const prompts =
    sentences.length === 1
      ? all
      : meanRows(
          sentences.map((_, index) => all.subarray(index * size, (index + 1) * size)),
          width,
        );
  const seen = pictures ? await embedder.images(samples) : null;
  const read = words === null ? null : await readWords(embedder, words);
  const features = seen === null || read === null ? (seen ?? read) : meanRows([seen, read], width);
  if (features === null) throw new Error('A zero-shot question is asked of pictures, of words or of both.');
  return zeroShotLogits(features, prompts, width, await embedder.logScale());
}

/** The features of samples' words; zeros where there are none. */
async function readWords(embedder: Embedder, words: readonly (string | null)[]): Promise<Float32Array> {
  const { width } = embedder;
  const known = words.flatMap((text) => text ?? []);
  const features = known.length === 0 ? new Float32Array() : await embedder.texts(known);
  const result = new Float32Array(words.length * width);
  let place = 0;
  words.forEach((text, sample) => {
    if (text === null) return;
    result.set(features.subarray(place * width, (place + 1) * width), sample * width);
    place++;
  });
  return result;
}

/** The sum of rows that belong together, brought back to length 1; rows of zeros stay so. */
function meanRows(parts: readonly Float32Array[], width: number): Float32Array {
  const result = new Float32Array(parts[0]?.length ?? 0);
  for (const part of parts) part.forEach((value, index) => (result[index]! += value));
  for (let from = 0; from < result.length; from += width) {
    const row = result.subarray(from, from + width);
    const length = Math.hypot(...row);
    if (length > 0) row.forEach((value, index) => (row[index] = value / length));
  }
  return result;
}
