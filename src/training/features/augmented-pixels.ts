import { augmentationSide, isIdentity, randomView, squarePicture, type Augmentation } from '../../dataset/augmentation';
import type { DecodedImage } from '../../dataset/codec';
import type { SampleRecord } from '../../dataset/types';
import { modelInputs } from '../../model/families/family';
import { packView, viewLength, type View } from '../../model/view';
import type { Recipe } from '../../recipe/schema';
import type { ModelHandle } from '../model-handle';
import { squareBudget } from '../budgets';
import { createRandom, mixSeed, textSeed } from '../random';
import { decodeStored, type SampleSource } from './samples';

/** What a recipe changes at random in training pictures; null when it leaves them as they are. */
export function augmentationOf(recipe: Recipe): Augmentation | null {
  const augmentation = { crop: recipe.augmentCrop, flip: recipe.augmentFlip, color: recipe.augmentColor };
  return isIdentity(augmentation) ? null : augmentation;
}

/** A random view of a picture, before it is drawn. */
export interface PictureView {
  /** RGB u8 `[side, side, 3]`. */
  readonly square: Uint8Array;
  readonly view: View;
}

/** Random views of the pictures of a dataset. */
export interface RandomViews {
  /** Pixels along one side of the squares. */
  readonly side: number;
  view(image: number, epoch: number): Promise<PictureView>;
}

/** Views that the graph draws: squares u8 `[rows, side, side, 3]` and packed views f32 `[rows, 8]`. `view` gives that of one sample. */
export function viewSource(side: number, count: number, view: (sample: number) => Promise<PictureView>): SampleSource {
  const bytes = 3 * side ** 2;
  return {
    count,
    squareSide: side,
    async inputs(samples, rows) {
      const squares = new Uint8Array(rows * bytes);
      const packed = new Float32Array(rows * viewLength);
      await Promise.all(
        samples.map(async (sample, row) => {
          const seen = await view(sample);
          squares.set(seen.square, row * bytes);
          packed.set(packView(seen.view), row * viewLength);
        }),
      );
      return { [modelInputs.pixels]: squares, [modelInputs.views]: packed };
    },
  };
}

/** Random views of training pictures. The decoded squares are kept within a budget, since decoding takes longer than drawing. */
export class AugmentedPixels {
  private readonly squares = new Map<string, Uint8Array>();
  /** Pixels along one side of the squares. */
  readonly side: number;
  private bytes = 0;

  constructor(
    model: ModelHandle,
    private readonly augmentation: Augmentation,
    private readonly seed: number,
    private readonly decode: (image: SampleRecord, shortestSide: number) => Promise<DecodedImage> = decodeStored,
  ) {
    this.side = augmentationSide(model.architecture.image.pixels, augmentation);
  }

  /** The view of a picture in an epoch, the same for the same seed, epoch and content, wherever the picture stands in a dataset. */
  async view(image: SampleRecord, epoch: number): Promise<PictureView> {
    const random = createRandom(mixSeed(this.seed, epoch, textSeed(image.hash)));
    return { square: await this.square(image), view: randomView(this.side, this.augmentation, random) };
  }

  private async square(image: SampleRecord): Promise<Uint8Array> {
    const known = this.squares.get(image.hash);
    if (known !== undefined) return known;
    // The browser brings large photos near the wanted size; the last step is the same filter for all.
    const square = squarePicture(await this.decode(image, 2 * this.side), this.side);
    if (this.bytes + square.length <= squareBudget && !this.squares.has(image.hash)) {
      this.squares.set(image.hash, square);
      this.bytes += square.length;
    }
    return square;
  }
}
