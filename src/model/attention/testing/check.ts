import { expect } from 'vitest';
import type { Executor } from '../../../engine/executor';
import { decodeArray, type StoredTensor } from '../../../engine/fixtures/load';
import { modelParameters } from '../../architecture';
import { modelInputs, type Reading, type Tower } from '../../families/family';
import { storedModels } from '../../families/testing/models';
import { modelFixture } from '../../families/testing/parity';
import fixtures from '../fixtures/maps.json';
import { attentionGraphs } from '../graphs';
import { AttentionMaps, type TokenWeights } from '../maps';

interface StoredMaps {
  readonly rollout: StoredTensor;
  readonly relevance: StoredTensor;
}

/** Names of the models whose maps PyTorch computed. */
export const mapModels = Object.keys(fixtures) as readonly (keyof typeof fixtures)[];

/** Rollout and relevance of picture, caption and class of a small model, within 1e-4 of PyTorch's. */
export async function checkMaps(executor: Executor, name: (typeof mapModels)[number]): Promise<void> {
  const stored = storedModels[name];
  if (stored === undefined) throw new Error(`There is no model "${name}".`);
  const expected = fixtures[name];
  const { architecture, normalization, weights, pixels, ids, tokens } = modelFixture(stored);
  const store = await executor.createStore(modelParameters(architecture), weights);
  const before = executor.memory();
  const picture = pixels.length / (ids.length / tokens);
  const at = expected.sample;
  const seen = { [modelInputs.pixels]: pixels.slice(at * picture, (at + 1) * picture) };
  const read = architecture.textInputs(ids.slice(at * tokens, (at + 1) * tokens), tokens);
  const maps = (tower: Tower, reading: Reading): Promise<AttentionMaps> =>
    AttentionMaps.create(
      executor,
      store,
      attentionGraphs((builder) =>
        architecture.tower(builder, tower, { batch: 1, tokens, normalization, reading, attentionDropout: 0 }),
      ),
    );
  const scale = Math.exp(weights.get('logit_scale')?.[0] ?? NaN);
  const bias = weights.get('logit_bias')?.[0] ?? 0;
  const scaled = (features: Float32Array): Float32Array => features.map((value) => value * scale);

  const vision = await maps('vision', 'embedding');
  const text = await maps('text', 'embedding');
  const image = (await vision.of(seen, null)).features;
  const words = await text.of(read, scaled(image));
  const score = words.features.reduce((sum, value, index) => sum + scale * value * (image[index] ?? NaN), bias);
  expect(score).toBeCloseTo(expected.score, 4);
  expectMaps(words, expected.text, 'caption');
  expectMaps(await vision.of(seen, scaled(words.features)), expected.image, 'picture');
  // A second target finds nothing of the first.
  expectMaps(await vision.of(seen, scaled(words.features)), expected.image, 'picture once more');

  const classes = await maps('vision', 'patch-mean');
  expectMaps(await classes.of(seen, decodeArray(expected.head).data), expected.class, 'class');
  for (const made of [vision, text, classes]) await made.dispose();
  expect(executor.memory()).toMatchObject({ weights: before.weights, gradients: before.gradients });
  store.dispose();
}

function expectMaps(actual: TokenWeights, expected: StoredMaps, what: string): void {
  for (const kind of ['rollout', 'relevance'] as const) {
    const { data } = decodeArray(expected[kind]);
    const values = actual[kind];
    expect(values?.length, what).toBe(data.length);
    data.forEach((value, index) => {
      const tolerance = 1e-4 * Math.max(1, Math.abs(value));
      expect(Math.abs((values?.[index] ?? NaN) - value), `${kind} of the ${what}, token ${index}`).toBeLessThan(
        tolerance,
      );
    });
  }
}
