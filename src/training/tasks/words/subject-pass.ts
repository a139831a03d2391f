import { evaluationRows } from '../../budgets';
import { Writer } from '../../decoding/writer';
import type { Device } from '../../features/tower';
import type { ModelHandle } from '../../model-handle';
import type { TaskWork } from '../task';
import type { Example, Subject } from './examples';
import { TokenLists, type WordTask } from './frame';
import { LikelihoodPass } from './likelihood';

/** What one set of weights wrote, with what it makes of the texts that would be right. */
export interface WrittenTexts {
  readonly subjects: readonly Subject[];
  readonly said: readonly string[];
  /** Per subject, of its distinct references together: sum of the logarithms of the probabilities of their tokens, and how many there are. */
  readonly logProbability: Float64Array;
  readonly tokens: Float64Array;
}

/** Tokens of the pictures with these numbers, `[pictures, patches + 1, width]`, as the vision tower gives them. */
export type PictureTokens = (
  images: readonly number[],
  between?: (done: number) => Promise<void>,
) => Promise<Float32Array>;

export interface SubjectPassOptions {
  readonly model: ModelHandle;
  readonly task: WordTask;
  readonly device: Device;
  /** At least one. */
  readonly subjects: readonly Subject[];
  /** What is counted while texts are written. */
  readonly of: TaskWork['of'];
}

/** Samples that are written for, or whose references are read, side by side. */
export const subjectRows = 16;

/** Bytes of picture tokens that are held while a lot is measured; beyond them they are computed again. */
const heldBytes = 256e6;

/** Writes for some samples, and asks how probable their references are, with the weights that are on the device when it is run. */
export class SubjectPass {
  private constructor(
    private readonly options: SubjectPassOptions,
    private readonly writer: Writer,
    private readonly likelihood: LikelihoodPass,
    private readonly questions: TokenLists | null,
    private readonly references: readonly ReferenceOf[],
  ) {}

  static async create(options: SubjectPassOptions): Promise<SubjectPass> {
    const { model, task, device, subjects } = options;
    const references = subjects.flatMap((subject, place): ReferenceOf[] =>
      [...new Set(subject.references)].map((text) => ({ subject: place, image: subject.image, text })),
    );
    const asks = subjects.some(({ question }) => question !== null);
    const asked = (places: readonly number[]): TokenLists | null =>
      asks
        ? new TokenLists(
            model,
            places.map((place) => subjects[place]?.question ?? ''),
          )
        : null;
    const questions = asked([...subjects.keys()]);
    const writer = await Writer.create({
      architecture: task.architecture,
      device,
      promptTokens: task.frame.prompt.length,
      decoding: task.decoding,
      sources: subjectRows,
      questions: questions?.longest ?? null,
    });
    try {
      const likelihood = await LikelihoodPass.create({
        task,
        device,
        texts: new TokenLists(
          model,
          references.map(({ text }) => prompted(task, text)),
        ),
        questions: asked(references.map(({ subject }) => subject)),
        examples: references,
        rows: subjectRows,
      });
      return new SubjectPass(options, writer, likelihood, questions, references);
    } catch (error) {
      writer.dispose();
      throw error;
    }
  }

  /** @param between called after each lot; awaiting it lets messages in, throwing in it ends the work */
  async run(pictures: PictureTokens, between: (work?: TaskWork) => Promise<void>): Promise<WrittenTexts> {
    const { model, task, subjects, of } = this.options;
    const seen = await heldPictures(
      subjects.map(({ image }) => image),
      pictures,
      (done, total) => between({ done, total, of: 'pictures' }),
    );
    const at = (list: readonly { readonly image: number }[]) => (places: readonly number[]) =>
      seen(places.map((place) => list[place]?.image ?? 0));
    const written = await this.writer.write(
      { count: subjects.length, pictures: at(subjects), questions: this.questions?.ids ?? null },
      {
        frame: task.frame,
        decoding: task.decoding,
        labels: task.labels,
        between: (done) => between({ done, total: subjects.length, of }),
      },
    );
    const likely = await this.likelihood.run(at(this.references), () => between());
    const logProbability = new Float64Array(subjects.length);
    const tokens = new Float64Array(subjects.length);
    this.references.forEach(({ subject }, place) => {
      logProbability[subject]! += likely[place]?.sum ?? NaN;
      tokens[subject]! += likely[place]?.tokens ?? 0;
    });
    return { subjects, said: written.map(({ tokens: ids }) => model.words(ids)), logProbability, tokens };
  }

  dispose(): void {
    this.writer.dispose();
    this.likelihood.dispose();
  }
}

type ReferenceOf = Pick<Example, 'image' | 'text'> & { readonly subject: number };

/** A text behind the words that all texts begin with. */
export function prompted({ prompt }: Pick<WordTask, 'prompt'>, text: string): string {
  return prompt === '' ? text : `${prompt} ${text}`;
}

/** Looks pictures up; those that there is room for are computed once, in full passes. */
async function heldPictures(
  images: readonly number[],
  pictures: PictureTokens,
  between: (done: number, total: number) => Promise<void>,
): Promise<(images: readonly number[]) => Promise<Float32Array>> {
  const distinct = [...new Set(images)];
  const held = new Map<number, Float32Array>();
  let width = 0;
  for (let from = 0; from < distinct.length; from += evaluationRows) {
    const lot = distinct.slice(from, from + evaluationRows);
    const tokens = await pictures(lot);
    width = tokens.length / lot.length;
    lot.forEach((image, row) => held.set(image, tokens.subarray(row * width, (row + 1) * width)));
    await between(held.size, distinct.length);
    if (4 * width * (held.size + evaluationRows) > heldBytes) break;
  }
  return async (wanted) => {
    const missing = [...new Set(wanted.filter((image) => !held.has(image)))];
    const found = missing.length === 0 ? new Float32Array() : await pictures(missing);
    const all = new Float32Array(wanted.length * width);
    wanted.forEach((image, row) => {
      const own = held.get(image);
      const place = missing.indexOf(image) * width;
      all.set(own ?? found.subarray(place, place + width), row * width);
    });
    return all;
  };
}
