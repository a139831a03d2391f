import { hiddenInput, type GeneratorArchitecture } from '../../model/families/family';
import { towerOutput } from '../../model/architecture';
import { generatorInputs, questionGraph } from '../../model/generator-graph';
import { questionInputs, type LabelConvention } from '../../model/teacher-forcing';
import type { Inference } from '../../engine/executor';
import type { Decoding } from '../../recipe/decoding';
import type { Device } from '../features/tower';
import { decode } from '.';
import type { TokenFrame, Written } from './token-model';
import { WordModel } from './word-model';

export interface WriterOptions {
  readonly architecture: GeneratorArchitecture;
  readonly device: Device;
  /** Tokens that every text begins with. */
  readonly promptTokens: number;
  /** How many texts are followed side by side, and tokens that are written at most. */
  readonly decoding: Pick<Decoding, 'beams' | 'longest'>;
  /** Pictures, or questions about them, that are written for at once. */
  readonly sources: number;
  /** Tokens of the longest question, special ones included; null where nothing is asked. */
  readonly questions: number | null;
}

/** How texts are written. */
export interface WriteOptions {
  /** Its beginning is as long as the writer was made for. */
  readonly frame: TokenFrame;
  /** With as many beams as the writer was made for, and no longer texts. */
  readonly decoding: Decoding;
  /** How questions begin. */
  readonly labels: LabelConvention;
  /** Called after each lot with how many texts are done; throwing in it ends the work. */
  readonly between?: (done: number) => Promise<void>;
  /** Called with the tokens of the texts of a lot so far, after each token. */
  readonly onToken?: (texts: readonly (readonly number[])[]) => Promise<void>;
}

/** What texts are written about. */
export interface Sources {
  readonly count: number;
  /** Tokens of the pictures at some places, `[places, patches + 1, width]`, as the vision tower gives them. */
  readonly pictures: (places: readonly number[]) => Promise<Float32Array>;
  /** Token ids of what is asked, special ones included; null where nothing is. */
  readonly questions: readonly ArrayLike<number>[] | null;
}

/** Tokens that are written at most where so many are asked for: every position that a decoder writes at needs a place. */
export function writtenLength(
  { text }: Pick<GeneratorArchitecture, 'text'>,
  promptTokens: number,
  longest: number,
): number {
  return Math.max(1, Math.min(longest, text.maxTokens - promptTokens + 1));
}

/** Writes texts about pictures with the weights that are on the device when it is asked, compiled for lengths and a number of beams. */
export class Writer {
  private constructor(
    private readonly options: WriterOptions,
    private readonly longest: number,
    private readonly words: WordModel,
    private readonly asking: Inference | null,
  ) {}

  static async create(options: WriterOptions): Promise<Writer> {
    const { architecture, device, promptTokens, decoding, sources, questions } = options;
    const [patches] = architecture.stageShape('vision', 'features', { batch: 1, reading: 'tokens' });
    const longest = writtenLength(architecture, promptTokens, decoding.longest);
    const words = await WordModel.create({
      architecture,
      device,
      sources,
      beams: decoding.beams,
      promptTokens,
      longest,
      keys: questions ?? patches,
      padded: questions !== null,
    });
    try {
      const asking =
        questions === null
          ? null
          : await device.lock.run(() =>
              device.executor.compile(questionGraph(architecture, { batch: sources, tokens: questions }), device.store),
            );
      return new Writer(options, longest, words, asking);
    } catch (error) {
      words.dispose();
      throw error;
    }
  }

  async write(
    { count, pictures, questions }: Sources,
    { frame, decoding, labels, between, onToken }: WriteOptions,
  ): Promise<readonly Written[]> {
    const { sources } = this.options;
    const drawn = { ...decoding, longest: Math.min(decoding.longest, this.longest) };
    const written: Written[] = [];
    for (let from = 0; from < count; from += sources) {
      const own = Math.min(sources, count - from);
      // The last lot is filled up with its first source.
      const places = Array.from({ length: sources }, (_, row) => from + (row < own ? row : 0));
      const seen = await this.repeated(places.slice(0, own), pictures);
      if (questions === null) this.words.look(seen, null);
      else
        await this.ask(
          seen,
          places.map((place) => questions[place] ?? []),
          labels,
        );
      const texts = await decode(this.words, frame, drawn, onToken && ((all) => onToken(all.slice(0, own))));
      written.push(...texts.slice(0, own));
      await between?.(from + own);
    }
    return written;
  }

  dispose(): void {
    this.asking?.dispose();
    this.words.dispose();
  }

  private async repeated(places: readonly number[], pictures: Sources['pictures']): Promise<Float32Array> {
    const { sources } = this.options;
    const own = await pictures(places);
    if (places.length === sources) return own;
    const width = own.length / places.length;
    const all = new Float32Array(sources * width);
    for (let row = 0; row < sources; row++) {
      const from = row < places.length ? row * width : 0;
      all.set(own.subarray(from, from + width), row * width);
    }
    return all;
  }

  /** Reads the questions with the pictures before them; the decoder attends to what comes of it. */
  private async ask(seen: Float32Array, ids: readonly ArrayLike<number>[], labels: LabelConvention): Promise<void> {
    const { architecture, device, questions } = this.options;
    const { asking } = this;
    if (asking === null || questions === null) throw new Error('No question was announced.');
    const inputs = questionInputs(architecture, ids, { labels, tokens: questions });
    const output = await device.lock.run(() => asking.run({ ...inputs, [hiddenInput('vision')]: seen }));
    this.words.look(output[towerOutput] ?? new Float32Array(), inputs[generatorInputs.questionLengths] as Int32Array);
  }
}
