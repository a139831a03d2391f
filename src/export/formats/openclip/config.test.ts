import { describe, expect, it } from 'vitest';
import { parseClipConfig, type ClipConfig } from '../../../model/families/clip/config';
import { clipFamily } from '../../../model/families/clip/family';
import { readImageProcessing, type ImageProcessing } from '../../../model/image-processing';
import { configObstacle, openClipConfig, readOpenClipConfig } from './config';

const config: ClipConfig = parseClipConfig({ model_type: 'clip' });
const { processing } = readImageProcessing({ preprocessor: {} }, 224, clipFamily);

const withTowers = (vision: Partial<ClipConfig['vision']>, text: Partial<ClipConfig['text']>): ClipConfig => ({
  ...config,
  vision: { ...config.vision, ...vision },
  text: { ...config.text, ...text },
});

describe('openClipConfig', () => {
  it('describes ViT-B/32 as OpenCLIP does', () => {
    expect(openClipConfig(config, processing, 'openai/clip-vit-base-patch32')).toEqual({
      model_cfg: {
        embed_dim: 512,
        quick_gelu: true,
        vision_cfg: {
          image_size: 224,
          layers: 12,
          width: 768,
          head_width: 64,
          patch_size: 32,
          mlp_ratio: 4,
          norm_kwargs: { eps: 1e-5 },
        },
        text_cfg: {
          context_length: 77,
          vocab_size: 49408,
          width: 512,
          heads: 8,
          layers: 12,
          mlp_ratio: 4,
          norm_kwargs: { eps: 1e-5 },
          pool_type: 'argmax',
          eos_id: 49407,
          hf_tokenizer_name: 'openai/clip-vit-base-patch32',
        },
      },
      preprocess_cfg: {
        mean: [0.48145466, 0.4578275, 0.40821073],
        std: [0.26862954, 0.26130258, 0.27577711],
        interpolation: 'bicubic',
        resize_mode: 'shortest',
      },
    });
  });

  it.each([
    ['the usual one', {}, {}],
    ['GELU with tanh in one tower', { activation: 'gelu_tanh' }, { activation: 'gelu' }],
    ['epsilons of their own', { layerNormEpsilon: 1e-6 }, { layerNormEpsilon: 1e-3 }],
    ['an MLP that is no multiple of the width', { intermediateSize: 3073 }, { intermediateSize: 1999 }],
    ['another end of captions', {}, { endOfTextId: 400, vocabularySize: 512 }],
    ['wide heads', { hiddenSize: 1280, heads: 16, imageSize: 336, patchSize: 14 }, { heads: 4 }],
  ] as const)('says all of a model: %s', (_, vision, text) => {
    const given = withTowers(vision, text);
    const side = given.vision.imageSize;
    const pictures: ImageProcessing = { ...processing, side, resize: { kind: 'shortest', edge: side, longest: null } };
    const back = readOpenClipConfig(openClipConfig(given, pictures, 'x'));
    const { endOfTextId, vocabularySize } = given.text;
    // The rule of the highest id says the same of an end that has the highest id.
    const end = endOfTextId === vocabularySize - 1 ? 2 : endOfTextId;
    expect(parseClipConfig(back.config)).toEqual({ ...given, text: { ...given.text, endOfTextId: end } });
  });

  it.each([
    ['the usual way', {}],
    ['squashed, bilinear', { resize: { kind: 'exact', width: 224, height: 224 }, filter: 'bilinear' }],
    ['another factor', { scale: 2, mean: [1, 1, 1], std: [0.5, 1, 2] }],
  ] as const)('says how pictures are prepared: %s', (_, changes) => {
    const given: ImageProcessing = { ...processing, ...changes };
    const back = readOpenClipConfig(openClipConfig(config, given, 'x'));
    const { scale, mean, std, ...steps } = given;
    const { processing: found } = readImageProcessing({ preprocessor: back.preprocessor }, 224, clipFamily);
    expect(found).toEqual({
      ...steps,
      scale: 1,
      mean: mean.map((value) => value / scale),
      std: std.map((value) => value / scale),
    });
  });

  it('finds a ratio from which every size of an MLP comes back', () => {
    for (let width = 1; width <= 1300; width += 3) {
      for (const size of [1, width + 1, 3 * width - 1, 4 * width, Math.floor(4.3637 * width)]) {
        const { mlp_ratio: ratio } = openClipConfig(
          withTowers({}, { hiddenSize: width, intermediateSize: size }),
          processing,
          'x',
        ).model_cfg.text_cfg;
        expect(Math.floor(width * ratio)).toBe(size);
      }
    }
  });
});

describe('configObstacle', () => {
  it('has nothing against what OpenCLIP can do', () => {
    expect(configObstacle(config, processing)).toBeNull();
    expect(configObstacle(withTowers({ activation: 'gelu' }, { activation: 'gelu_tanh' }), processing)).toBeNull();
  });

  it.each<[string, Partial<ClipConfig['vision']>, Partial<ImageProcessing>, RegExp]>([
    ['two kinds of activation', { activation: 'gelu' }, {}, /gelu in its image tower and quick_gelu in its text/],
    ['another filter', {}, { filter: 'lanczos' }, /resized by "lanczos"/],
    ['the middle of larger pictures', {}, { resize: { kind: 'shortest', edge: 256, longest: null } }, /of 256 pixels/],
    ['no resizing', {}, { resize: null }, /none at all/],
    ['a box', {}, { resize: { kind: 'within', width: 224, height: 224 } }, /a box/],
  ])('says what it cannot do: %s', (_, vision, changes, words) => {
    expect(configObstacle(withTowers(vision, {}), { ...processing, ...changes })).toMatch(words);
  });
});
