import type { DecodedImage } from '../dataset/codec';
import type { TensorMap } from '../engine/executor';
import type { PixelNormalization } from '../engine/ops/patchify/node';
import type { Architecture } from '../model/families/family';

/** An opened model with all that training needs of it. Its tensors are the base weights and are never written to. */
export interface ModelHandle {
  /** As in a recipe: `seed-clip`, `openai/clip-vit-base-patch32`, `local/my-model`. */
  readonly id: string;
  readonly architecture: Architecture;
  /** Base weights by checkpoint name, as float32. */
  readonly tensors: TensorMap;
  readonly normalization: PixelNormalization;
  /** Token ids of a caption, start and end of text included, cut to the model's length if `truncated`. */
  tokenize(caption: string): { readonly ids: ArrayLike<number>; readonly truncated: boolean };
  /**
   * Token ids back to text, without special tokens.
   *
   * @throws Error for models that write no words
   */
  words(ids: Iterable<number>): string;
  /** A decoded picture as the graph takes it: u8 `[side, side, 3]`, side = `architecture.image.pixels`. */
  preprocess(image: DecodedImage): Uint8Array;
  /** Equal for models whose `preprocess` gives the same pixels of any picture. */
  readonly preprocessing: string;
}
