import { z } from 'zod';
import type { ImageProcessing } from '../../../model/image-processing';
import type { ClipConfig } from '../../../model/families/clip/config';

/**
 * `open_clip_config.json`: how OpenCLIP builds a model (`CLIPVisionCfg`, `CLIPTextCfg` in `open_clip/model.py`) and prepares pictures (`PreprocessCfg`
 * in `open_clip/transform.py`).
 */

const positive = z.int().positive();
const towerShape = {
  layers: z.int().nonnegative(),
  width: positive,
  mlp_ratio: z.number().positive(),
  /** Of `torch.nn.GELU`. */
  act_kwargs: z.object({ approximate: z.literal('tanh') }).optional(),
  norm_kwargs: z.object({ eps: z.number().positive() }),
};
const triple = z.tuple([z.number(), z.number(), z.number()]);

const configSchema = z.object({
  model_cfg: z.object({
    embed_dim: positive,
    quick_gelu: z.boolean(),
    vision_cfg: z.object({ ...towerShape, head_width: positive, image_size: positive, patch_size: positive }),
    text_cfg: z.object({
      ...towerShape,
      heads: positive,
      context_length: positive,
      vocab_size: positive,
      /** The token that stands for a caption: that of the highest id, or the first `eos_id`. */
      pool_type: z.enum(['argmax', 'eos']),
      eos_id: z.int(),
      hf_tokenizer_name: z.string().min(1),
    }),
  }),
  preprocess_cfg: z.object({
    mean: triple,
    std: triple,
    interpolation: z.enum(['bicubic', 'bilinear']),
    resize_mode: z.enum(['shortest', 'squash']),
  }),
});

export type OpenClipConfig = z.infer<typeof configSchema>;
type TowerCfg = Pick<OpenClipConfig['model_cfg']['text_cfg'], keyof typeof towerShape>;

/** The end-of-text id of old configurations in Transformers, which stands for the highest id of a caption. */
const highestId = 2;

/** Why OpenCLIP cannot build such a model or prepare pictures for it, in sentences for the user; null where it can. */
export function configObstacle({ vision, text }: ClipConfig, processing: ImageProcessing): string | null {
  const quick = [vision, text].filter(({ activation }) => activation === 'quick_gelu');
  if (quick.length === 1)
    return `It takes one kind of activation for both towers, and this model has ${vision.activation} in its image tower and ${text.activation} in its text tower.`;
  const { resize, filter, side } = processing;
  if (filter !== 'bicubic' && filter !== 'bilinear')
    return `It resizes pictures by bicubic or bilinear interpolation only, and this model takes them resized by "${filter}".`;
  if (resizeMode(processing) !== null) return null;
  if (resize?.kind === 'shortest')
    return `It resizes pictures to the ${side} pixels that the model takes, and this model takes the middle of pictures of ${resize.edge} pixels.`;
  return `It has no such way of resizing as this model asks for ${resize === null ? '(none at all)' : '(a box that the picture has to fit in)'}.`;
}

function resizeMode({ resize, side }: ImageProcessing): 'shortest' | 'squash' | null {
  if (resize?.kind === 'exact') return resize.width === side && resize.height === side ? 'squash' : null;
  return resize?.kind === 'shortest' && resize.edge === side && resize.longest === null ? 'shortest' : null;
}

/**
 * Describes a model to OpenCLIP, for which `configObstacle` found nothing.
 *
 * @param tokenizer where the tokenizer lies when the directory is on a hub; in a folder OpenCLIP looks into that folder
 */
export function openClipConfig(
  { vision, text, projectionSize }: ClipConfig,
  processing: ImageProcessing,
  tokenizer: string,
): OpenClipConfig {
  const { filter, mean, std, scale } = processing;
  // It divides pixels by 255 and by nothing else, so another factor goes into mean and deviation.
  const scaled = ([a, b, c]: ImageProcessing['mean']): [number, number, number] => [a / scale, b / scale, c / scale];
  const { endOfTextId, vocabularySize } = text;
  // The rule that every version of OpenCLIP has; it holds where no id is higher than that of the end.
  const byHighest = endOfTextId === highestId || endOfTextId === vocabularySize - 1;
  return {
    model_cfg: {
      embed_dim: projectionSize,
      quick_gelu: vision.activation === 'quick_gelu',
      vision_cfg: {
        ...towerCfg(vision),
        head_width: vision.hiddenSize / vision.heads,
        image_size: vision.imageSize,
        patch_size: vision.patchSize,
      },
      text_cfg: {
        ...towerCfg(text),
        heads: text.heads,
        context_length: text.maxPositions,
        vocab_size: vocabularySize,
        pool_type: byHighest ? 'argmax' : 'eos',
        eos_id: endOfTextId,
        hf_tokenizer_name: tokenizer,
      },
    },
    preprocess_cfg: {
      mean: scaled(mean),
      std: scaled(std),
      interpolation: filter === 'bilinear' ? 'bilinear' : 'bicubic',
      resize_mode: resizeMode(processing) ?? 'shortest',
    },
  };
}

function towerCfg(tower: ClipConfig['text'] | ClipConfig['vision']): TowerCfg {
  return {
    layers: tower.layers,
    width: tower.hiddenSize,
    mlp_ratio: ratioOf(tower.intermediateSize, tower.hiddenSize),
    ...(tower.activation === 'gelu_tanh' ? { act_kwargs: { approximate: 'tanh' } } : {}),
    norm_kwargs: { eps: tower.layerNormEpsilon },
  };
}

/** The ratio from which `int(width * ratio)` gives the size again: a quotient that rounding made too small goes up by its last place. */
function ratioOf(size: number, width: number): number {
  let ratio = size / width;
  while (Math.floor(width * ratio) < size) ratio += ratio * Number.EPSILON;
  return ratio;
}

/**
 * What a configuration says, as the files of Transformers' layout say it.
 *
 * @throws ZodError for what `openClipConfig` does not write
 */
export function readOpenClipConfig(json: unknown): { readonly config: unknown; readonly preprocessor: unknown } {
  const { model_cfg: model, preprocess_cfg: pictures } = configSchema.parse(json);
  const { vision_cfg: vision, text_cfg: text } = model;
  const { image_size: side } = vision;
  const square = { height: side, width: side };
  const shortest = pictures.resize_mode === 'shortest';
  return {
    config: {
      model_type: 'clip',
      architectures: ['CLIPModel'],
      projection_dim: model.embed_dim,
      text_config: {
        ...towerConfig(text, model.quick_gelu),
        num_attention_heads: text.heads,
        vocab_size: text.vocab_size,
        max_position_embeddings: text.context_length,
        eos_token_id: text.pool_type === 'argmax' ? highestId : text.eos_id,
      },
      vision_config: {
        ...towerConfig(vision, model.quick_gelu),
        num_attention_heads: vision.width / vision.head_width,
        image_size: side,
        patch_size: vision.patch_size,
      },
    },
    preprocessor: {
      image_processor_type: 'CLIPImageProcessor',
      size: shortest ? { shortest_edge: side } : square,
      do_center_crop: shortest,
      crop_size: square,
      resample: pictures.interpolation,
      image_mean: pictures.mean,
      image_std: pictures.std,
    },
  };
}

function towerConfig(
  { layers, width, mlp_ratio: ratio, act_kwargs: act, norm_kwargs: norm }: TowerCfg,
  quick: boolean,
) {
  return {
    hidden_size: width,
    intermediate_size: Math.floor(width * ratio),
    num_hidden_layers: layers,
    hidden_act: quick ? 'quick_gelu' : act === undefined ? 'gelu' : 'gelu_pytorch_tanh',
    layer_norm_eps: norm.eps,
  };
}
