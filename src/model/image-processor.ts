import { z } from 'zod';
import type { PixelNormalization } from './clip/graph';
import { ModelError } from './errors';
import { resize, type Raster, type ResamplingFilter } from './resample';

/** A decoded picture: RGBA, 8 bits a channel, not premultiplied, row by row. */
export interface RgbaImage {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array | Uint8ClampedArray;
}

/** Brings pictures to the form that a model was trained on, as Transformers' `CLIPImageProcessor` does. */
export interface ImageProcessor {
  /** Side of the result in pixels: the part of the model's picture that whole patches cover. */
  readonly size: number;
  /** What the graph does to the pixels: `(pixel / 255 - mean) / std`. */
  readonly normalization: PixelNormalization;
  /** RGB u8 `[size, size, 3]`: transparency laid on white, shortest edge resized, centre cropped. */
  process(image: RgbaImage): Uint8Array<ArrayBuffer>;
  /** All that `process` depends on besides the picture, as text: processors with equal steps give equal pixels. */
  readonly steps: string;
}

/** `PIL.Image.Resampling` by its number. */
const filters: readonly ResamplingFilter[] = ['nearest', 'lanczos', 'bilinear', 'bicubic', 'box', 'hamming'];

const side = z.int().min(1).max(4096);
const triple = z.tuple([z.number(), z.number(), z.number()]);
const rectangle = z.object({ height: side, width: side });
const schema = z.object({
  size: z
    .union([side.transform((shortest_edge) => ({ shortest_edge })), z.object({ shortest_edge: side }), rectangle])
    .optional(),
  crop_size: z.union([side.transform((edge) => ({ height: edge, width: edge })), rectangle]).optional(),
  do_resize: z.boolean().nullish(),
  do_center_crop: z.boolean().nullish(),
  do_rescale: z.boolean().nullish(),
  do_normalize: z.boolean().nullish(),
  rescale_factor: z.number().positive().nullish(),
  resample: z.int().min(0).max(5).nullish(),
  image_mean: triple.nullish(),
  image_std: triple.nullish(),
});

/** OpenAI's values, which Transformers assumes where a file says nothing. */
const clipMean = [0.48145466, 0.4578275, 0.40821073] as const;
const clipStd = [0.26862954, 0.26130258, 0.27577711] as const;

/**
 * Reads a parsed `preprocessor_config.json`, of today or of before 2022 (sizes as plain numbers).
 *
 * @param json undefined when the model has no such file: CLIP's usual processing at the model's size
 * @param modelSize side of the picture that the vision tower takes, in pixels
 * @param coveredSize side of its upper left part that whole patches cover (`pixelSide`), as a strided convolution leaves the rest unread
 * @throws ModelError `invalid` or `unsupported`
 */
export function createImageProcessor(json: unknown, modelSize: number, coveredSize = modelSize): ImageProcessor {
  const file = 'preprocessor_config.json';
  const parsed = schema.safeParse(json ?? {});
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new ModelError(
      'invalid',
      `${file} cannot be read at "${issue?.path.join('.') ?? ''}": ${issue?.message ?? ''}.`,
      { file },
    );
  }
  const config = parsed.data;
  const target = config.size ?? { shortest_edge: modelSize };
  const crop = (config.do_center_crop ?? true) ? (config.crop_size ?? { height: modelSize, width: modelSize }) : null;
  const result = crop ?? ('height' in target ? target : null);
  if (result === null || result.height !== modelSize || result.width !== modelSize) {
    throw new ModelError(
      'unsupported',
      `${file} does not make square pictures of ${modelSize} pixels, which config.json asks for. Check that both files belong together.`,
      { file },
    );
  }
  const filter = filters[config.resample ?? 3] ?? 'bicubic';
  const resized = (config.do_resize ?? true) ? target : null;
  return {
    size: coveredSize,
    steps: JSON.stringify({ resized, filter, cropped: modelSize, covered: coveredSize }),
    normalization: normalization(config),
    process(image) {
      let raster = onWhite(image);
      if (resized !== null) {
        const { width, height } = 'height' in resized ? resized : scaledSize(raster, resized.shortest_edge);
        raster = resize(raster, width, height, filter);
      }
      return topLeft(centerCrop(raster, modelSize), modelSize, coveredSize);
    },
  };
}

/** Folds another rescale factor than 1/255 into mean and deviation: `(pixel · factor - mean) / std`. */
function normalization(config: z.output<typeof schema>): PixelNormalization {
  const factor = (config.do_rescale ?? true) ? (config.rescale_factor ?? 1 / 255) : 1;
  // Files write 1/255 with few digits; that is meant to be exact.
  const scale = Math.abs(factor * 255 - 1) < 1e-4 ? 1 : factor * 255;
  const normalize = config.do_normalize ?? true;
  const [m0, m1, m2] = normalize ? (config.image_mean ?? clipMean) : [0, 0, 0];
  const [s0, s1, s2] = normalize ? (config.image_std ?? clipStd) : [1, 1, 1];
  return { mean: [m0 / scale, m1 / scale, m2 / scale], std: [s0 / scale, s1 / scale, s2 / scale] };
}

/** Transformers drops the alpha channel, which leaves whatever colour lay beneath; people mean the picture on a white page. */
function onWhite({ width, height, data }: RgbaImage): Raster {
  const rgb = new Uint8Array(width * height * 3);
  for (let from = 0, to = 0; to < rgb.length; from += 4, to += 3) {
    const alpha = data[from + 3] ?? 255;
    for (let channel = 0; channel < 3; channel++) {
      const value = data[from + channel] ?? 0;
      rgb[to + channel] = alpha === 255 ? value : Math.round((value * alpha + 255 * (255 - alpha)) / 255);
    }
  }
  return { width, height, channels: 3, data: rgb };
}

/** `get_resize_output_image_size` of Transformers: the long edge is cut to a whole number, not rounded. */
function scaledSize({ width, height }: Raster, shortestEdge: number): { width: number; height: number } {
  return width <= height
    ? { width: shortestEdge, height: Math.trunc((shortestEdge * height) / width) }
    : { width: Math.trunc((shortestEdge * width) / height), height: shortestEdge };
}

/** The middle `size` × `size` pixels; a smaller picture gets a black border, as `center_crop` of Transformers does. */
function centerCrop(raster: Raster, size: number): Uint8Array<ArrayBuffer> {
  const top = Math.floor((raster.height - size) / 2);
  const left = Math.floor((raster.width - size) / 2);
  const out = new Uint8Array(size * size * 3);
  for (let y = 0; y < size; y++) {
    const row = top + y;
    if (row < 0 || row >= raster.height) continue;
    const from = Math.max(0, left);
    const to = Math.min(raster.width, left + size);
    const start = row * raster.width;
    out.set(raster.data.subarray((start + from) * 3, (start + to) * 3), (y * size + from - left) * 3);
  }
  return out;
}

function topLeft(pixels: Uint8Array<ArrayBuffer>, size: number, covered: number): Uint8Array<ArrayBuffer> {
  if (covered === size) return pixels;
  const out = new Uint8Array(covered * covered * 3);
  for (let y = 0; y < covered; y++) {
    out.set(pixels.subarray(y * size * 3, (y * size + covered) * 3), y * covered * 3);
  }
  return out;
}
