import { describe, expect, test } from 'vitest';
import { modelTensors, parameterCount } from '../../architecture';
import { openArchitecture } from '..';
import { parseSiglipConfig } from './config';

const tower = {
  hiddenSize: 768,
  intermediateSize: 3072,
  layers: 12,
  heads: 12,
  activation: 'gelu_tanh',
  layerNormEpsilon: 1e-6,
  attentionDropout: 0,
};

describe('SigLIP config.json', () => {
  test('keys that are missing have the defaults of Transformers, as in the sparse files of the hub', () => {
    const sparse = { model_type: 'siglip', text_config: { model_type: 'siglip_text_model' }, vision_config: {} };
    expect(parseSiglipConfig(sparse)).toEqual({
      vision: { ...tower, imageSize: 224, patchSize: 16 },
      text: { ...tower, vocabularySize: 32000, maxPositions: 64 },
    });
    expect(parseSiglipConfig({ model_type: 'siglip' })).toEqual(parseSiglipConfig(sparse));
  });

  test.each([
    [{}, 203_155_970],
    [{ text_config: { vocab_size: 256000 } }, 375_187_970],
  ])('the base models have the parameters of their checkpoints: %j', (settings, parameters) => {
    const { groups } = openArchitecture({ model_type: 'siglip', ...settings });
    expect(groups.reduce((sum, group) => sum + parameterCount(group), 0)).toBe(parameters);
  });

  test('the scalars of the loss have one axis', () => {
    const shapes = new Map(
      modelTensors(openArchitecture({ model_type: 'siglip' })).map(({ name, shape }) => [name, shape]),
    );
    expect([shapes.get('logit_scale'), shapes.get('logit_bias')]).toEqual([[1], [1]]);
  });

  test.each([
    [
      'an image tower without a head',
      { vision_config: { vision_use_head: false } },
      /"vision_config.vision_use_head": must be true/,
    ],
    [
      'features that cannot be compared',
      { text_config: { hidden_size: 96 } },
      /captions have 96 features and pictures 768/,
    ],
    ['another activation', { text_config: { hidden_act: 'silu' } }, /"text_config.hidden_act": is "silu"/],
    [
      'a classifier',
      { architectures: ['SiglipForImageClassification'] },
      /an image classifier \(SiglipForImageClassification\)/,
    ],
  ])('%s is refused with the reason', (_, json, message) => {
    expect(() => parseSiglipConfig({ model_type: 'siglip', ...json })).toThrow(message);
  });
});
