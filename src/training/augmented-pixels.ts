import {
  augmentationSide,
  augmentPicture,
  isIdentity,
  squarePicture,
  type Augmentation,
} from '../dataset/augmentation';
import type { DecodedImage } from '../dataset/codec';
import type { ImageRecord } from '../dataset/types';
import { pixelSide } from '../model/clip/stages';
import type { Recipe } from '../recipe/schema';
import type { ModelHandle } from './model-handle';
import { createRandom, mixSeed } from './random';
import { decodeStored } from './samples';

/** What a recipe changes at random in training pictures; null when it leaves them as they are. */
export function augmentationOf(recipe: Recipe): Augmentation | null {
  const augmentation = { crop: recipe.augmentCrop, flip: recipe.augmentFlip, color: recipe.augmentColor };
  return isIdentity(augmentation) ? null : augmentation;
}

/** Bytes of decoded squares that are kept. */
const squareBudget = 512 * 2 ** 20;

/** Random views of training pictures. The decoded squares are kept within a budget, since decoding takes longer than changing. */
export class AugmentedPixels {
  private readonly squares = new Map<string, Uint8Array>();
  private readonly size: number;
  private readonly side: number;
  private bytes = 0;

  constructor(
    model: ModelHandle,
    private readonly augmentation: Augmentation,
    private readonly seed: number,
    private readonly decode: (image: ImageRecord, shortestSide: number) => Promise<DecodedImage> = decodeStored,
  ) {
    this.size = pixelSide(model.config);
    this.side = augmentationSide(this.size, augmentation);
  }

  /** The view of a picture in an epoch: u8 `[size, size, 3]`, the same for the same seed, epoch and `index`. */
  async pixels(image: ImageRecord, index: number, epoch: number): Promise<Uint8Array> {
    const square = await this.square(image);
    const random = createRandom(mixSeed(this.seed, epoch, index));
    return augmentPicture(square, this.side, this.size, this.augmentation, random);
  }

  private async square(image: ImageRecord): Promise<Uint8Array> {
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
