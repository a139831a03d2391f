import type { ImageInfo } from '../image-info';

/** Longer side of the PNG that is made of an SVG: above what CLIP models look at, whatever nominal size the SVG has. */
const svgSide = 512;

/**
 * Draws an SVG as a PNG of the given size in pixels, which a worker cannot do by itself.
 * @throws Error with a sentence for the user when it cannot be drawn
 */
export type SvgRasterizer = (
  svg: Uint8Array<ArrayBuffer>,
  width: number,
  height: number,
) => Promise<Uint8Array<ArrayBuffer>>;

/**
 * Makes a PNG of an SVG.
 * @throws Error with a sentence for the user when it cannot be drawn
 */
export function drawSvg(
  svg: Uint8Array<ArrayBuffer>,
  { width, height }: Pick<ImageInfo, 'width' | 'height'>,
  rasterizer: SvgRasterizer,
): Promise<Uint8Array<ArrayBuffer>> {
  const scale = svgSide / Math.max(width, height);
  return rasterizer(svg, Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale)));
}
