import { decodeImage, type DecodedImage } from '../../dataset/codec';
import { pictureOf } from '../../dataset/sample';
import { readImageBlob } from '../../dataset/storage';
import type { SampleRecord } from '../../dataset/types';
import type { InputData } from '../../engine/executor';
import { pairOf } from '../../model/architecture';
import { modelInputs } from '../../model/families/family';
import { StudioError } from '../../protocol/errors';
import type { ModelHandle } from '../model-handle';
import { pixelBudget } from '../budgets';

/**
 * Gives the graph inputs of one tower for samples named by index. Rows beyond the samples are padding: whatever they hold must not reach a
 * result.
 */
export interface SampleSource {
  readonly count: number;
  /** Side of the squares whose views the graph is to draw; absent where there are no pictures, or as the model takes them. */
  readonly squareSide?: number;
  inputs(samples: readonly number[], rows: number): Promise<InputData>;
}

/** A source whose samples can be told apart from run to run. */
export interface LastingSource extends SampleSource {
  /** What is done to samples on their way into the graph: where it is equal, the same sample gives the same inputs. */
  readonly processing: string;
  /** What a sample is made of: equal samples, whatever their number, have equal contents. */
  content(sample: number): string;
}

/** Gives a stored picture as a model takes it, u8 `[side, side, 3]`. */
export interface PixelReader {
  pixels(image: SampleRecord): Promise<Uint8Array>;
}

/** Preprocessed pixels of one model by content of the picture, shared by all that read pictures; stops taking in at its budget. */
export class PixelCache implements PixelReader {
  private readonly held = new Map<string, Uint8Array>();
  private bytes = 0;

  constructor(
    private readonly model: ModelHandle,
    private readonly budget = pixelBudget,
  ) {}

  /** u8 `[side, side, 3]`. @throws StudioError naming the file when the stored picture does not decode */
  async pixels(image: SampleRecord): Promise<Uint8Array> {
    const known = this.held.get(image.hash);
    if (known !== undefined) return known;
    const pixels = this.model.preprocess(await decodeStored(image));
    if (this.bytes + pixels.length <= this.budget && !this.held.has(image.hash)) {
      this.held.set(image.hash, pixels);
      this.bytes += pixels.length;
    }
    return pixels;
  }
}

/**
 * Decodes a stored picture.
 *
 * @param shortestSide when given, larger pictures are scaled down to it by the browser
 * @throws StudioError naming the file
 */
export async function decodeStored(image: SampleRecord, shortestSide?: number): Promise<DecodedImage> {
  const blob = await readImageBlob(image);
  const { path } = pictureOf(image);
  if (blob === null) {
    throw new StudioError('not-found', `The picture "${path}" is not stored any more. Reload the page.`);
  }
  try {
    return await decodeImage(blob, shortestSide);
  } catch (cause) {
    throw new StudioError(
      'unreadable',
      `The picture "${path}" does not decode any more. Remove it on the Data page and add it again.`,
      { cause },
    );
  }
}

/** Pictures as pixels, u8 `[rows, side, side, 3]`. `pixels` gives those of one sample; pictures are decoded side by side. */
export function pixelSource(
  model: ModelHandle,
  count: number,
  pixels: (sample: number) => Promise<Uint8Array>,
): SampleSource {
  const bytes = 3 * model.architecture.image.pixels ** 2;
  return {
    count,
    async inputs(samples, rows) {
      const batch = new Uint8Array(rows * bytes);
      await Promise.all(samples.map(async (sample, row) => batch.set(await pixels(sample), row * bytes)));
      return { [modelInputs.pixels]: batch };
    },
  };
}

/** Captions as token ids, with whatever else a text tower reads. */
export class TextSource implements LastingSource {
  readonly processing = 'token ids';
  /** Tokens that every caption is given. */
  readonly tokens: number;
  /** How many captions were cut to the model's length. */
  readonly truncated: number;
  private readonly ids: readonly ArrayLike<number>[];

  constructor(
    private readonly model: ModelHandle,
    captions: readonly string[],
  ) {
    const encoded = captions.map((caption) => model.tokenize(caption));
    this.ids = encoded.map(({ ids }) => ids);
    this.truncated = encoded.filter(({ truncated }) => truncated).length;
    const longest = this.ids.reduce((most, { length }) => Math.max(most, length), 1);
    this.tokens = pairOf(model.architecture).sequenceLength(longest);
  }

  get count(): number {
    return this.ids.length;
  }

  /** Tokens of a caption before it is padded, special ones included. */
  length(caption: number): number {
    return this.ids[caption]?.length ?? 0;
  }

  content(caption: number): string {
    return Array.from(this.ids[caption] ?? []).join(' ');
  }

  inputs(samples: readonly number[], rows: number): Promise<InputData> {
    const { tokens, model } = this;
    const batch = new Int32Array(rows * tokens);
    samples.forEach((sample, row) => batch.set(this.ids[sample] ?? [], row * tokens));
    return Promise.resolve(pairOf(model.architecture).textInputs(batch, tokens));
  }
}
