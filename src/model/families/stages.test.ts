import { beforeAll, describe, expect, test } from 'vitest';
import type { Executor, InputData, ParameterStore } from '../../engine/executor';
import { decodeArray } from '../../engine/fixtures/load';
import { createTfjsExecutor } from '../../engine/tfjs/executor';
import { modelParameters, towerOutput, towerGraph } from '../architecture';
import { hiddenInput, modelInputs, type Tower, type TowerOptions } from './family';
import siglip from './siglip/fixtures/siglip.json';
import { storedModels } from './testing/models';
import { modelFixture } from './testing/parity';

const readings = [
  ['vision', 'embedding'],
  ['vision', 'tokens'],
  ['vision', 'patch-mean'],
  ['text', 'embedding'],
  ['text', 'tokens'],
] as const;

let executor: Executor;

beforeAll(async () => {
  executor = await createTfjsExecutor('tfjs-cpu');
});

/** Runs a tower of a model, of the inputs those that its graph reads. */
async function run(
  store: ParameterStore,
  { architecture }: ReturnType<typeof modelFixture>,
  tower: Tower,
  options: TowerOptions,
  inputs: InputData,
): Promise<Float32Array> {
  const graph = towerGraph(architecture, tower, options);
  const names = new Set(graph.values.filter(({ kind }) => kind === 'input').map(({ name }) => name));
  const inference = await executor.compile(graph, store);
  const given = Object.fromEntries(Object.entries(inputs).filter(([name]) => names.has(name)));
  const output = (await inference.run(given))[towerOutput] ?? new Float32Array();
  inference.dispose();
  return output;
}

describe.each(Object.entries(storedModels))('%s', (_, stored) => {
  const fixture = modelFixture(stored);
  const { architecture, normalization, weights, pixels, ids, batch, tokens } = fixture;
  const inputs = { [modelInputs.pixels]: pixels, ...architecture.textInputs(ids, tokens) };

  test.each(readings)('the %s tower read for %s can be cut at every stage', async (tower, reading) => {
    const store = await executor.createStore(modelParameters(architecture), weights);
    const options = { batch, tokens, normalization, reading };
    const whole = await run(store, fixture, tower, options, inputs);
    const stages = architecture.stages(tower, reading);
    for (const stage of stages.slice(1)) {
      const hidden = await run(store, fixture, tower, { ...options, to: stage }, inputs);
      const [rows, width] = architecture.stageShape(tower, stage, { batch, tokens, reading });
      expect(hidden.length, stage).toBe(rows * width);
      const rest = { ...inputs, [hiddenInput(tower)]: hidden };
      if (stage === 'features') expect(hidden).toEqual(whole);
      else expect(await run(store, fixture, tower, { ...options, from: stage }, rest), stage).toEqual(whole);
    }
    store.dispose();
  });

  test('a stage that a tower does not have is refused', () => {
    expect(() => towerGraph(architecture, 'vision', { batch, from: 'blocks.7' })).toThrow(/no stage "blocks.7"/);
    expect(() => towerGraph(architecture, 'text', { batch, from: 'features', to: 'blocks.0' })).toThrow(/cannot run/);
  });
});

test('the mean of the patches is that of Transformers’ last hidden state', async () => {
  const fixture = modelFixture(siglip);
  const { architecture, normalization, weights, pixels, batch } = fixture;
  const store = await executor.createStore(modelParameters(architecture), weights);
  const options = { batch, normalization, reading: 'patch-mean' } as const;
  const mean = await run(store, fixture, 'vision', options, { [modelInputs.pixels]: pixels });
  const { data } = decodeArray(siglip.patchMean);
  expect(mean.length).toBe(data.length);
  mean.forEach((value, at) => expect(value).toBeCloseTo(data[at] ?? NaN, 4));
});
