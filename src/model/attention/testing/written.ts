import { expect } from 'vitest';
import type { Executor } from '../../../engine/executor';
import { decodeArray } from '../../../engine/fixtures/load';
import { modelParameters } from '../../architecture';
import { modelInputs } from '../../families/family';
import { blipFixture, storedBlips } from '../../families/blip/testing/parity';
import fixtures from '../fixtures/written.json';
import { writtenGraph, writtenInputs, writtenOver } from '../written';

/** Names of the models whose attention PyTorch computed. */
export const writtenModels = Object.keys(fixtures) as readonly (keyof typeof fixtures)[];

/** Where the words of a small BLIP look, within 1e-4 of PyTorch. */
export async function checkWritten(executor: Executor, name: (typeof writtenModels)[number]): Promise<void> {
  const stored = storedBlips[name];
  if (stored === undefined) throw new Error(`There is no model "${name}".`);
  const { sample, over } = fixtures[name];
  const { architecture, weights, batch, options } = blipFixture(stored);
  const { begin, question } = architecture.special;
  const ids = [begin, ...(batch.words[sample] ?? []).slice(1, -1)];
  const asked = name === 'questions' ? [question, ...(batch.questions[sample] ?? []).slice(1)] : null;
  const { normalization = { mean: [0, 0, 0], std: [1, 1, 1] } } = options;
  const graph = writtenGraph(architecture, {
    tokens: ids.length,
    questionTokens: asked?.length ?? null,
    normalization,
  });
  const store = await executor.createStore(modelParameters(architecture), weights);
  const inference = await executor.compile(graph.graph, store);
  const picture = batch.pixels.length / batch.words.length;
  const pixels = batch.pixels.slice(sample * picture, (sample + 1) * picture);
  const outputs = await inference.run({ [modelInputs.pixels]: pixels, ...writtenInputs(ids, asked) });
  const actual = writtenOver(graph, outputs);
  const expected = decodeArray(over).data;
  expect(actual.length).toBe(expected.length);
  actual.forEach((value, at) => expect(Math.abs(value - (expected[at] ?? NaN)), `${at}`).toBeLessThan(1e-4));
  inference.dispose();
  store.dispose();
}
