import { afterAll, beforeAll, expect, test } from 'vitest';
import { acquireDevice } from '../../../engine/device';
import { plainSgd, type Executor, type TrainerOptions } from '../../../engine/executor';
import { differentiate } from '../../../engine/graph/differentiate';
import { createTfjsExecutor } from '../../../engine/tfjs/executor';
import { createWebGpuExecutor } from '../../../engine/webgpu/executor';
import { packView } from '../../view';
import { clipFixture } from './testing/fixtures';
import { trainingInputs } from '../testing/parity';
import { modelParameters } from '../../architecture';
import { modelInputs } from '../family';
import { lossOutput, pairGraph } from '../../pair-graph';

const { architecture, normalization, weights, pixels, ids, batch, tokens } = clipFixture('quick-gelu');
const side = architecture.image.pixels + 3;

let executors: readonly Executor[];

beforeAll(async () => {
  executors = [
    await createTfjsExecutor('tfjs-cpu'),
    await createWebGpuExecutor(await acquireDevice(), { selfTest: false }),
  ];
});

afterAll(() => executors.forEach((executor) => executor.dispose()));

function inputs() {
  const keys = Int32Array.from({ length: batch }, (_, sample) => sample);
  const squares = new Uint8Array(batch * side * side * 3).map((_, i) => ((i * 7919) % 2003) & 255);
  const views = Array.from({ length: batch }, (_, sample) =>
    packView({
      left: 0.5 * sample,
      top: 0.25,
      width: side - 0.7 * sample - 1,
      height: side - 2,
      mirrored: sample % 2 === 1,
      brightness: 0.8 + 0.1 * sample,
      contrast: 1.3 - 0.1 * sample,
      saturation: 0.5 + 0.2 * sample,
    }),
  );
  return {
    ...trainingInputs(architecture, pixels, ids, tokens, keys, keys),
    [modelInputs.pixels]: squares,
    [modelInputs.views]: Float32Array.from(views.flatMap((view) => [...view])),
  };
}

async function gradients(executor: Executor, extra: Partial<TrainerOptions>) {
  const store = await executor.createStore(modelParameters(architecture), weights);
  const { microBatches = 1 } = extra;
  const graph = pairGraph(architecture, { batch: batch / microBatches, tokens, normalization, squareSide: side });
  // Views concern the image tower alone.
  const imageTower = graph.parameters.filter(({ parts }) => parts.some(({ name }) => /^vis/.test(name)));
  const trainer = await executor.compileTraining(
    differentiate(graph, graph.outputs[lossOutput] ?? -1, new Set(imageTower.map(({ value }) => value))),
    store,
    {
      ...plainSgd,
      ...extra,
    },
  );
  const result = await trainer.gradients(inputs(), 1);
  trainer.dispose();
  store.dispose();
  return result;
}

test.each([{}, { microBatches: 2, checkpointing: true }])(
  'a step on views is the same on the WebGPU executor as where they are drawn in JavaScript: %o',
  async (options) => {
    const [expected, actual] = await Promise.all(executors.map((executor) => gradients(executor, options)));
    expect(actual?.loss).toBeCloseTo(expected?.loss ?? NaN, 4);
    expect(expected?.gradients.size).toBeGreaterThan(10);
    for (const [name, values] of expected?.gradients ?? []) {
      const found = actual?.gradients.get(name);
      const scale = Math.max(1e-3, ...values.map(Math.abs));
      const furthest = values.reduce((most, value, i) => Math.max(most, Math.abs(value - (found?.[i] ?? NaN))), 0);
      expect(furthest / scale, name).toBeLessThan(1e-3);
    }
  },
);
