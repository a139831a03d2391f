import { resize } from '../model/resample';
import type { View } from '../model/view';
import type { DecodedImage } from './codec';

/** What is changed at random each time a picture is seen in training. */
export interface Augmentation {
  /** Largest share of the square picture's area that a random resized crop cuts away, 0…0.9. */
  readonly crop: number;
  /** Mirror half of the pictures left to right. */
  readonly flip: boolean;
  /** Strength of brightness, contrast and saturation changes, 0…1. */
  readonly color: number;
}

/** True when a picture comes out as it went in. */
export function isIdentity({ crop, flip, color }: Augmentation): boolean {
  return crop === 0 && !flip && color === 0;
}

/**
 * Side in pixels at which a square picture is kept for augmentation to `size`: larger by as much as the smallest crop magnifies, but no more
 * than a quarter, which bounds memory. A stronger crop is softer by a little.
 */
export function augmentationSide(size: number, { crop }: Pick<Augmentation, 'crop'>): number {
  return Math.ceil(size * Math.min(1.25, 1 / Math.sqrt(1 - crop)));
}

/** The central square of a decoded picture, transparency laid on white, scaled with a bicubic filter: RGB u8 `[side, side, 3]`. */
export function squarePicture({ width, height, data }: DecodedImage, side: number): Uint8Array {
  const edge = Math.min(width, height);
  const left = (width - edge) >> 1;
  const top = (height - edge) >> 1;
  const square = new Uint8Array(edge * edge * 3);
  for (let y = 0, to = 0; y < edge; y += 1) {
    let from = ((top + y) * width + left) * 4;
    for (let x = 0; x < edge; x += 1, from += 4, to += 3) {
      const alpha = data[from + 3] ?? 255;
      for (let channel = 0; channel < 3; channel += 1) {
        const value = data[from + channel] ?? 0;
        square[to + channel] = alpha === 255 ? value : Math.round((value * alpha + 255 * (255 - alpha)) / 255);
      }
    }
  }
  return Uint8Array.from(resize({ width: edge, height: edge, channels: 3, data: square }, side, side, 'bicubic').data);
}

/**
 * Draws the numbers of one random view of a square picture: random resized crop (Szegedy et al. 2015, with the aspect ratios 3/4…4/3 that
 * became usual), mirroring and colour changes. The same sequence of random numbers gives the same view.
 * @param random uniform in [0, 1); eight numbers are drawn, whatever the settings
 */
export function randomView(side: number, { crop, flip, color }: Augmentation, random: () => number): View {
  const [area, aspect, x, y, mirror, brightness, contrast, saturation] = Array.from({ length: 8 }, random) as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const ratio = crop === 0 ? 1 : Math.sqrt(Math.exp((aspect * 2 - 1) * Math.log(4 / 3)));
  const edge = side * Math.sqrt(1 - area * crop);
  // Where the drawn shape is wider or taller than the picture, it is narrowed to fit.
  const width = Math.min(side, edge * ratio);
  const height = Math.min(side, edge / ratio);
  // SimCLR's strength: a factor within 1 ± 0.8 · strength for each (Chen et al. 2020, appendix A).
  const factor = (uniform: number): number => 1 + (uniform * 2 - 1) * 0.8 * color;
  return {
    left: x * (side - width),
    top: y * (side - height),
    width,
    height,
    mirrored: flip && mirror < 0.5,
    brightness: factor(brightness),
    contrast: factor(contrast),
    saturation: factor(saturation),
  };
}
