import { z } from 'zod';
import { ModelError } from './errors';
import type { ResamplingFilter } from './resample';

/** How pictures are brought to the form that a model was trained on, as `CLIPImageProcessor` of Transformers does it. */
export interface ImageProcessing {
  /** Side of the square picture that the vision tower takes, in pixels: the middle of the resized picture. */
  readonly side: number;
  /** Null where pictures are not resized. */
  readonly resize: ResizeRule | null;
  readonly filter: ResamplingFilter;
  /** What pixels are multiplied with before `mean` and `std` apply, times 255: 1 brings them to 0…1. */
  readonly scale: number;
  readonly mean: Triple;
  readonly std: Triple;
}

/**
 * - `exact`: to that size, whatever the shape
 * - `shortest`: the shortest edge to a length, the other in proportion; where that would pass `longest`, the longest edge to that
 * - `within`: as large as fits
 */
export type ResizeRule =
  | { readonly kind: 'exact'; readonly width: number; readonly height: number }
  | { readonly kind: 'shortest'; readonly edge: number; readonly longest: number | null }
  | { readonly kind: 'within'; readonly width: number; readonly height: number };

type Triple = readonly [number, number, number];

/** Parsed files that may describe the processing; undefined where a model has none. */
export interface ImageProcessingFiles {
  /** `processor_config.json`, written by Transformers 5 */
  readonly processor?: unknown;
  /** `preprocessor_config.json`, written until then */
  readonly preprocessor?: unknown;
}

/** The processing, and sentences for the user where something was assumed. */
export interface ReadImageProcessing {
  readonly processing: ImageProcessing;
  readonly notes: readonly string[];
  /** A `preprocessor_config.json` of what was assumed for a model that has no such file; null for others. */
  readonly assumedFile: string | null;
}

const processorFile = 'processor_config.json';
export const preprocessorFile = 'preprocessor_config.json';

/** `PIL.Image.Resampling` by its number. */
const filters = ['nearest', 'lanczos', 'bilinear', 'bicubic', 'box', 'hamming'] as const;

const side = z.int().min(1).max(4096);
const flag = z.union([z.boolean(), z.literal([0, 1]).transform((value) => value === 1)]).nullable();
/** One number stands for all three channels. */
const channels = (value: z.ZodNumber) =>
  z
    .union([value.transform((one): [number, number, number] => [one, one, one]), z.tuple([value, value, value])])
    .nullish();
const sizeSchema = z
  .union([side, z.tuple([side, side]), z.record(z.string(), side.nullable())], {
    error: 'expected a number, [height, width] or an object of sizes from 1 to 4096',
  })
  .nullish();
const filterName = z
  .string()
  .transform((name) => name.slice(name.lastIndexOf('.') + 1).toLowerCase())
  .pipe(z.enum(filters));

/** A key that is missing has the default of the processor's class; a flag that is null is off, as in Transformers. */
const schema = z.object({
  image_processor_type: z.string().nullish(),
  feature_extractor_type: z.string().nullish(),
  size: sizeSchema,
  crop_size: sizeSchema,
  default_to_square: flag.optional(),
  do_resize: flag.optional(),
  do_center_crop: flag.optional(),
  do_rescale: flag.optional(),
  do_normalize: flag.optional(),
  do_pad: flag.optional(),
  pad_size: sizeSchema,
  rescale_factor: z.number().positive().nullish(),
  resample: z
    .union(
      [
        z
          .int()
          .min(0)
          .max(5)
          .transform((number) => filters[number] ?? 'bicubic'),
        filterName,
      ],
      {
        error: `expected the number of a filter from 0 to 5 or one of ${filters.join(', ')}`,
      },
    )
    .nullish(),
  image_mean: channels(z.number()),
  image_std: channels(z.number().positive()),
});

type Fields = z.output<typeof schema>;

interface ClassDefaults {
  readonly size: number;
  /** Whether a size that is one number is meant for both edges. */
  readonly square: boolean;
  /** Null where the class does not crop. */
  readonly crop: number | null;
  readonly filter: ResamplingFilter;
  readonly mean: Triple;
  readonly std: Triple;
}

/** Class of image processors, by the beginning of its name in Transformers. */
export type ImageProcessorClass = keyof typeof classes;

/** What a family says of the pictures of models whose files do not. */
interface UsualProcessing {
  /** Of the family, for people. */
  readonly name: string;
  readonly imageProcessor: ImageProcessorClass;
}

const clip: ClassDefaults = {
  size: 224,
  square: false,
  crop: 224,
  filter: 'bicubic',
  mean: [0.48145466, 0.4578275, 0.40821073],
  std: [0.26862954, 0.26130258, 0.27577711],
};
const half: Triple = [0.5, 0.5, 0.5];
const siglip: ClassDefaults = { ...clip, crop: null, mean: half, std: half };

/** Classes of Transformers that do the same steps in the same order, and differ in what they assume. */
const classes = {
  CLIP: clip,
  ChineseCLIP: clip,
  Bit: clip,
  Siglip: siglip,
  ViT: { ...siglip, square: true, filter: 'bilinear' },
  Blip: { ...clip, size: 384, square: true, crop: null },
  DeiT: { ...clip, size: 256, square: true, mean: half, std: half },
} as const satisfies Record<string, ClassDefaults>;

/**
 * Reads how pictures are processed: from the `image_processor` of `processor_config.json` or, where that says nothing, from
 * `preprocessor_config.json`, of today or of before 2022 (sizes as plain numbers), in the order of Transformers 5.
 *
 * @param modelSize side of the picture that the vision tower takes, in pixels
 * @param family of the model, whose image processor is assumed where the files name none
 * @throws ModelError `invalid` or `unsupported`
 */
export function readImageProcessing(
  files: ImageProcessingFiles,
  modelSize: number,
  family: UsualProcessing,
): ReadImageProcessing {
  const nested = z.looseObject({ image_processor: z.unknown().optional() }).safeParse(files.processor ?? {});
  if (!nested.success) throw invalid(processorFile, '', 'it is no JSON object');
  const inProcessor = nested.data.image_processor ?? undefined;
  const file = inProcessor === undefined ? preprocessorFile : processorFile;
  const json = inProcessor ?? files.preprocessor ?? undefined;
  if (json === undefined) return assumed(modelSize, family, files.processor !== undefined);
  const parsed = schema.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw invalid(file, issue?.path.join('.') ?? '', issue?.message ?? '');
  }
  return described(parsed.data, modelSize, classes[family.imageProcessor], file);
}

function assumed(
  modelSize: number,
  { name, imageProcessor }: UsualProcessing,
  emptyProcessor: boolean,
): ReadImageProcessing {
  const missing = emptyProcessor
    ? `${processorFile} has no image_processor and there is no ${preprocessorFile}`
    : `There is neither ${processorFile} nor ${preprocessorFile}`;
  const { crop, filter, mean, std }: ClassDefaults = classes[imageProcessor];
  const crops = crop !== null;
  const square = { height: modelSize, width: modelSize };
  return {
    processing: {
      side: modelSize,
      resize: crops ? { kind: 'shortest', edge: modelSize, longest: null } : { kind: 'exact', ...square },
      filter,
      scale: 1,
      mean,
      std,
    },
    notes: [
      `${missing}, so pictures are prepared as ${name} usually takes them, at ${modelSize} pixels. If this model was trained with other values, its results suffer: add the file and open the model again.`,
    ],
    assumedFile: JSON.stringify(
      {
        image_processor_type: `${imageProcessor}ImageProcessor`,
        do_convert_rgb: true,
        do_resize: true,
        size: crops ? { shortest_edge: modelSize } : square,
        resample: filters.indexOf(filter),
        ...(crops && { do_center_crop: true, crop_size: square }),
        do_rescale: true,
        rescale_factor: 1 / 255,
        do_normalize: true,
        image_mean: mean,
        image_std: std,
      },
      null,
      2,
    ),
  };
}

function described(fields: Fields, modelSize: number, usual: ClassDefaults, file: string): ReadImageProcessing {
  const defaults = defaultsOf(fields, usual, file);
  const resizes = fields.do_resize === undefined || fields.do_resize === true;
  const crops = fields.do_center_crop === undefined ? defaults.crop !== null : fields.do_center_crop === true;
  const cropped = crops ? (fields.crop_size ?? null) : null;
  // Where a file leaves out the size of the result and the class means another, Transformers makes pictures that the model refuses.
  const assumes = cropped === null && ((crops ? defaults.crop : null) ?? defaults.size) !== modelSize;
  const size = fields.size ?? (assumes ? modelSize : defaults.size);
  const square = fields.default_to_square ?? defaults.square;
  const resize = resizes ? resizeRule(size, square, file) : null;
  const crop = crops ? exactSize(cropped ?? (assumes ? modelSize : (defaults.crop ?? modelSize))) : null;
  const result = crop ?? (resize?.kind === 'exact' ? resize : null);
  const padded = fields.do_pad === true ? exactSize(fields.pad_size ?? modelSize) : result;
  if ([result, padded].some((size) => size?.height !== modelSize || size.width !== modelSize)) {
    throw new ModelError(
      'unsupported',
      `${file} does not make square pictures of ${modelSize} pixels, which config.json asks for. Check that both files belong together.`,
      { file },
    );
  }
  return {
    processing: {
      side: modelSize,
      resize,
      filter: fields.resample ?? defaults.filter,
      ...normalization(fields, defaults),
    },
    notes:
      assumes && (crops || isAbsent(fields.size))
        ? [`${file} does not say how large pictures become; the ${modelSize} pixels that the model takes are assumed.`]
        : [],
    assumedFile: null,
  };
}

function defaultsOf(fields: Fields, usual: ClassDefaults, file: string): ClassDefaults {
  const named = fields.image_processor_type ?? fields.feature_extractor_type;
  if (isAbsent(named)) return usual;
  const name = named.replace(/(ImageProcessor|FeatureExtractor)(Fast|Pil)?$/, '');
  const known = Object.entries(classes).find(([each]) => each === name)?.[1];
  if (known !== undefined) return known;
  throw new ModelError(
    'unsupported',
    `${file} asks for the image processor "${named}", whose steps Vernier does not know. It knows those of CLIPImageProcessor and its kin (${Object.keys(classes).join(', ')}).`,
    { file },
  );
}

type Size = NonNullable<Fields['size']>;

/** @throws ModelError `unsupported` for keys that no resizing of CLIP's kind has */
function resizeRule(size: Size, square: boolean, file: string): ResizeRule {
  const exact = exactSize(size, square);
  if (exact !== null) return { kind: 'exact', ...exact };
  if (typeof size === 'number') return { kind: 'shortest', edge: size, longest: null };
  const named = Array.isArray(size) ? {} : size;
  const { shortest_edge: edge, longest_edge: longest, max_height: height, max_width: width } = named;
  if (edge) return { kind: 'shortest', edge, longest: longest ?? null };
  if (height && width) return { kind: 'within', width, height };
  throw new ModelError(
    'unsupported',
    `${file} gives "size" as ${JSON.stringify(size)}. Vernier reads shortest_edge (with longest_edge), height with width, or max_height with max_width.`,
    { file },
  );
}

/** Height and width where a size fixes both; null where it leaves one open. */
function exactSize(size: Size, square = true): { readonly width: number; readonly height: number } | null {
  if (typeof size === 'number') return square ? { width: size, height: size } : null;
  if (Array.isArray(size)) return { height: size[0], width: size[1] };
  const { height, width } = size;
  return height && width ? { width, height } : null;
}

function normalization(fields: Fields, defaults: ClassDefaults): Pick<ImageProcessing, 'scale' | 'mean' | 'std'> {
  const rescales = fields.do_rescale === undefined || fields.do_rescale === true;
  const normalizes = fields.do_normalize === undefined || fields.do_normalize === true;
  const factor = (rescales ? (fields.rescale_factor ?? 1 / 255) : 1) * 255;
  return {
    // Files write 1/255 with few digits; that is meant to be exact.
    scale: Math.abs(factor - 1) < 1e-4 ? 1 : factor,
    mean: normalizes ? (fields.image_mean ?? defaults.mean) : [0, 0, 0],
    std: normalizes ? (fields.image_std ?? defaults.std) : [1, 1, 1],
  };
}

function isAbsent(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}

function invalid(file: string, at: string, what: string): ModelError {
  return new ModelError('invalid', `${file} cannot be read at "${at}": ${what}.`, { file });
}
