import { describe, expect, test } from 'vitest';
import { parseClipConfig } from './config';

const small = { hidden_size: 64, num_attention_heads: 4, num_hidden_layers: 2, intermediate_size: 128 };

describe('CLIP config.json', () => {
  test('keys that are missing have the defaults of Transformers', () => {
    expect(parseClipConfig({ model_type: 'clip' })).toEqual({
      projectionSize: 512,
      vision: {
        hiddenSize: 768,
        intermediateSize: 3072,
        layers: 12,
        heads: 12,
        activation: 'quick_gelu',
        layerNormEpsilon: 1e-5,
        attentionDropout: 0,
        imageSize: 224,
        patchSize: 32,
      },
      text: {
        hiddenSize: 512,
        intermediateSize: 2048,
        layers: 12,
        heads: 8,
        activation: 'quick_gelu',
        layerNormEpsilon: 1e-5,
        attentionDropout: 0,
        vocabularySize: 49408,
        maxPositions: 77,
        endOfTextId: 49407,
      },
    });
  });

  test('a number of layers that nobody means is refused before anything is made of it', () => {
    const parse = (num_hidden_layers: number) => () =>
      parseClipConfig({ model_type: 'clip', text_config: { num_hidden_layers } });
    expect(parse(1_000_000_000)).toThrow(
      'config.json is not a CLIP configuration at "text_config.num_hidden_layers": is 1000000000; at most 256 are supported.',
    );
    expect(parse(256)().text.layers).toBe(256);
  });

  test('null means the default', () => {
    const config = parseClipConfig({ model_type: 'clip', projection_dim: null, text_config: { eos_token_id: null } });
    expect(config.projectionSize).toBe(512);
    expect(config.text.endOfTextId).toBe(49407);
  });

  test('each tower has its own activation and epsilon', () => {
    const config = parseClipConfig({
      model_type: 'clip',
      text_config: { hidden_act: 'gelu', layer_norm_eps: 1e-6 },
      vision_config: { image_size: [336, 336], patch_size: 14 },
    });
    expect(config.text).toMatchObject({ activation: 'gelu', layerNormEpsilon: 1e-6 });
    expect(config.vision).toMatchObject({ activation: 'quick_gelu', imageSize: 336, patchSize: 14 });
  });

  test('the projection size of a tower’s own configuration is not the one in force', () => {
    const config = parseClipConfig({ model_type: 'clip', projection_dim: 640, text_config: { projection_dim: 512 } });
    expect(config.projectionSize).toBe(640);
  });

  test('the older text_config_dict wins as a whole', () => {
    const config = parseClipConfig({
      model_type: 'clip',
      text_config: { ...small, vocab_size: 99 },
      text_config_dict: { ...small, hidden_size: 32 },
    });
    expect(config.text).toMatchObject({ hiddenSize: 32, vocabularySize: 49408 });
  });

  test('a list of one end-of-text id is that id', () => {
    expect(parseClipConfig({ model_type: 'clip', text_config: { eos_token_id: [7] } }).text.endOfTextId).toBe(7);
  });

  test.each([
    ['no object', [], /not a CLIP configuration/],
    [
      'another activation',
      { model_type: 'clip', text_config: { hidden_act: 'relu' } },
      /"text_config.hidden_act": is "relu"/,
    ],
    [
      'heads that do not divide',
      { model_type: 'clip', vision_config: { hidden_size: 100, num_attention_heads: 3 } },
      /multiple of num_attention_heads/,
    ],
    [
      'patches over the image',
      { model_type: 'clip', vision_config: { image_size: 16, patch_size: 32 } },
      /patch_size must not exceed/,
    ],
    ['a width of text', { model_type: 'clip', text_config: { hidden_size: 'wide' } }, /text_config.hidden_size/],
    ['an oblong image', { model_type: 'clip', vision_config: { image_size: [224, 112] } }, /must be square/],
    ['grey images', { model_type: 'clip', vision_config: { num_channels: 1 } }, /must be 3/],
  ])('%s is refused with the reason', (_, json, message) => {
    expect(() => parseClipConfig(json)).toThrow(message);
  });
});
