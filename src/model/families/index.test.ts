import { describe, expect, test } from 'vitest';
import { families, openArchitecture } from '.';
import { modelParameters, modelTensors } from '../architecture';
import { elementCount } from '../../engine/graph/value';

describe('config.json of any model', () => {
  test('model_type may be missing where both towers are described', () => {
    const tower = { hidden_size: 64, num_attention_heads: 4, num_hidden_layers: 2, intermediate_size: 128 };
    expect(openArchitecture({ text_config: tower, vision_config: tower }).towers.vision.width).toBe(64);
  });

  test.each([
    ['another model', { model_type: 'vit' }, /of type "vit"\. Vernier reads/],
    ['a model that is taken for one', { model_type: 'siglip2' }, /of type "siglip2" \(SigLIP 2 .*NaFlex/],
    ['one tower', { model_type: 'clip_vision_model' }, /one tower of a CLIP model/],
    ['nothing known', {}, /of type "unknown"/],
    ['no object', [], /not the configuration of a model/],
    ['a type that every object has', { model_type: 'constructor' }, /of type "constructor"\. /],
  ])('%s is refused with the reason', (_, json, message) => {
    expect(() => openArchitecture(json)).toThrow(message);
  });
});

describe.each(families.map((family) => [family.name, family] as const))('%s', (_, { modelType }) => {
  const architecture = openArchitecture({ model_type: modelType });

  test('has a place for every group, and names none twice', () => {
    const ids = architecture.groups.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { tower, kind, index, stage } of architecture.groups) {
      expect(index !== null).toBe(kind === 'block');
      const isTower = tower === 'vision' || tower === 'text';
      expect(stage !== null).toBe(isTower);
      if (isTower) expect(architecture.stages(tower)).toContain(stage);
    }
    for (const [part, { blocks: count }] of Object.entries(architecture.towers)) {
      const blocks = architecture.groups.filter((group) => group.tower === part && group.kind === 'block');
      expect(blocks.map(({ index }) => index)).toEqual(Array.from({ length: count }, (__, at) => at));
    }
  });

  test('computes with every tensor of its groups and no other', () => {
    const held = modelTensors(architecture).map(({ name, shape }) => `${name} ${elementCount(shape)}`);
    const used = modelParameters(architecture).flatMap(({ parts }) =>
      parts.map(({ name, shape }) => `${name} ${elementCount(shape)}`),
    );
    expect(new Set(held).size).toBe(held.length);
    expect(used.toSorted()).toEqual(held.toSorted());
  });
});
