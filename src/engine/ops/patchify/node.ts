import type { ValueId } from '../../graph/value';
import { viewLength } from '../../view';
import { fits, keepsNothing, matrixOf, type NodeBuilder, type Operation } from '../operation';

/** Per channel, on a scale where 0 is black and 1 is full: `(pixel / 255 - mean) / std`. */
export interface PixelNormalization {
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
}

/**
 * Cuts pixels u8 `[batch, side, side, 3]` (RGB) into normalised patches: `(pixel / 255 - mean) / std`, y `[batch * (size/patch)², 3 * patch²]`,
 * patches row by row, each laid out channel, row, column — the layout of a flattened convolution weight `[out, 3, patch, patch]`.
 *
 * With views, each picture is first drawn at `size` as its view says (`engine/view.ts`); without, side and size are the same.
 */
export interface PatchifyNode extends PixelNormalization {
  readonly op: 'patchify';
  readonly pixels: ValueId;
  /** f32 `[batch, 8]`, a packed view for each picture. Null: pictures are taken as they are. */
  readonly views: ValueId | null;
  readonly size: number;
  readonly patch: number;
  readonly y: ValueId;
}

export const patchifyOperation: Operation<PatchifyNode> = {
  ...keepsNothing,
  op: 'patchify',
  reads: ['pixels', 'views'],
  shape({ pixels, views, size, patch }, shapeOf) {
    const shape = shapeOf(pixels);
    const [batch = 0, side, height, channels] = shape;
    fits(shape.length === 4 && height === side && channels === 3, 'patchify: pixels must be [batch, side, side, 3]');
    fits(size % patch === 0, `patchify: ${size} pixels are no multiple of the patch`);
    if (views !== null) {
      const [count, length] = matrixOf(shapeOf(views), 'the views of patchify');
      fits(count === batch && length === viewLength, 'patchify: views must be [batch, 8]');
    }
    return [batch * (size / patch) ** 2, 3 * patch * patch];
  },
};

export function patchify(
  builder: NodeBuilder<PatchifyNode>,
  pixels: ValueId,
  options: PixelNormalization & {
    readonly patch: number;
    /** Packed views f32 `[batch, 8]` of the pictures, and the side at which they are drawn; absent: pictures are taken as they are. */
    readonly drawn?: { readonly views: ValueId; readonly size: number } | undefined;
  },
): ValueId {
  const [, side = 0] = builder.shape(pixels);
  const { patch, mean, std, drawn } = options;
  const { views, size } = drawn ?? { views: null, size: side };
  return builder.add({ op: 'patchify', pixels, views, size, patch, mean, std });
}
