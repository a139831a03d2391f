import { describe, expect, test } from 'vitest';
import { clipFixtures, clipFixture, type ClipFixtureName } from './testing/fixtures';
import {
  modelTensors,
  noDecayNames,
  parameterCount,
  tensorNames,
  trainableValues,
  firstTrainableStage,
} from '../../architecture';
import { parseClipConfig } from './config';
import { clipArchitecture } from './family';
import { pairGraph } from '../../pair-graph';

const base = clipArchitecture(parseClipConfig({ model_type: 'clip' }));

describe('layer groups', () => {
  test.each(Object.keys(clipFixtures) as ClipFixtureName[])('hold every tensor of the checkpoint once: %s', (name) => {
    const { architecture, weights } = clipFixture(name);
    const tensors = modelTensors(architecture);
    expect(tensors.map((tensor) => tensor.name).sort()).toEqual([...weights.keys()].sort());
    for (const tensor of tensors) {
      expect(tensor.shape.reduce((product, extent) => product * extent, 1)).toBe(weights.get(tensor.name)?.length);
    }
  });

  test('ViT-B/32 has its 151,277,313 parameters in 34 groups', () => {
    const { groups } = base;
    expect(groups.reduce((sum, group) => sum + parameterCount(group), 0)).toBe(151_277_313);
    expect(groups.map(({ id }) => id)).toEqual([
      'vision.embeddings',
      ...Array.from({ length: 12 }, (_, layer) => `vision.blocks.${layer}`),
      'vision.final_norm',
      'vision.projection',
      'text.embeddings',
      ...Array.from({ length: 12 }, (_, layer) => `text.blocks.${layer}`),
      'text.final_norm',
      'text.projection',
      'logit_scale',
    ]);
  });

  test('the pre-norm of the vision tower belongs to its embeddings', () => {
    expect([...tensorNames(base, new Set(['vision.embeddings']))]).toContain('vision_model.pre_layrnorm.weight');
  });

  test('norms, biases, the class embedding and the logit scale take no weight decay', () => {
    const spared = noDecayNames(base);
    expect(spared.has('logit_scale')).toBe(true);
    expect(spared.has('vision_model.embeddings.class_embedding')).toBe(true);
    expect(spared.has('text_model.encoder.layers.3.layer_norm2.weight')).toBe(true);
    expect(spared.has('text_model.encoder.layers.3.mlp.fc1.bias')).toBe(true);
    expect(spared.has('text_model.embeddings.position_embedding.weight')).toBe(false);
    expect(spared.has('visual_projection.weight')).toBe(false);
  });

  test.each([
    [['vision.projection'], 'projection'],
    [['vision.final_norm', 'vision.projection'], 'final_norm'],
    [['vision.blocks.10', 'vision.blocks.11'], 'blocks.10'],
    [['vision.embeddings'], 'embeddings'],
    [['text.projection', 'logit_scale'], 'features'],
  ])('with %s trained, the vision tower needs to run from %s', (groups, stage) => {
    expect(firstTrainableStage(base, 'vision', new Set(groups))).toBe(stage);
  });

  test('trainable values are the parameters whose tensors are all chosen', () => {
    const { architecture, normalization } = clipFixture('gelu');
    const graph = pairGraph(architecture, { batch: 2, tokens: 5, normalization });
    const name = 'text_model.encoder.layers.0.self_attn.';
    const some = trainableValues(graph, new Set([`${name}q_proj.weight`, `${name}k_proj.weight`, 'logit_scale']));
    const all = trainableValues(graph, new Set(['q', 'k', 'v'].map((part) => `${name}${part}_proj.weight`)));
    expect(some.size).toBe(1);
    expect(all.size).toBe(1);
  });
});
