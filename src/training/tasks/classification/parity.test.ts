import { describe, expect, test } from 'vitest';
import type { Executor } from '../../../engine/executor';
import { decodeArray, decodeTensor, type StoredTensor } from '../../../engine/fixtures/load';
import { differentiate } from '../../../engine/graph/differentiate';
import { createTfjsExecutor } from '../../../engine/tfjs/executor';
import { modelParameters, modelTensors, trainableValues } from '../../../model/architecture';
import { openArchitecture } from '../../../model/families';
import { modelInputs } from '../../../model/families/family';
import { lossOutput } from '../../../model/pair-graph';
import fixture from './fixtures/tiny.json' with { type: 'json' };
import { crossEntropy } from '../../../engine/ops/cross-entropy/node';
import { defaultRecipe, taskPart, withFields } from '../../../recipe/fields';
import { headShape } from '../heads/shape';
import { headParts, logitsOutput, supervisedGraph } from '../heads/tower-graph';
import { classWeightsInput, targetsInput } from './class-goal';

const architecture = openArchitecture(fixture.config);
const classes = fixture.classWeights.length;
const batch = fixture.targets.length;
const plain = taskPart(withFields(defaultRecipe, { task: 'classification' }), 'classification');
const shape = headShape(plain, architecture, { outputs: classes, ordered: false });
const classWeights = { name: classWeightsInput, shape: [classes] };
const own = [...headParts(shape), classWeights];
const given = new Map(
  Object.entries(fixture.tensors as Readonly<Record<string, StoredTensor>>).map(
    ([name, value]) => [name, decodeArray(value).data] as const,
  ),
);
// The classifier of Transformers has no text tower, and what nothing reads may hold anything.
const tensors = new Map(
  [...modelTensors(architecture), ...own].map(({ name, shape }) => [
    name,
    given.get(name) ?? new Float32Array(shape.reduce((product, extent) => product * extent, 1)),
  ]),
).set(classWeightsInput, Float32Array.from(fixture.classWeights));
const [r = 0, g = 0, b = 0] = fixture.mean;
const [sr = 1, sg = 1, sb = 1] = fixture.std;
const graph = supervisedGraph(architecture, shape, {
  batch,
  from: { vision: 'embeddings', text: 'features' },
  normalization: { mean: [r, g, b], std: [sr, sg, sb] },
  attentionDropout: 0,
  loss: (builder, logits) =>
    crossEntropy(builder, logits, builder.input(targetsInput, 'i32', [batch]), {
      classWeights: builder.parameter(classWeights.shape, classWeights),
      labelSmoothing: fixture.labelSmoothing,
    }),
});
const trained = new Set([...given.keys()].filter((name) => !name.includes('post_layernorm')));
const program = differentiate(graph, graph.outputs[lossOutput] ?? -1, trainableValues(graph, trained));
const inputs = {
  [modelInputs.pixels]: decodeTensor(fixture.pixels).data as Uint8Array,
  [targetsInput]: Int32Array.from(fixture.targets),
};

describe.each(['tfjs-cpu', 'tfjs-wasm'] as const)('CLIPForImageClassification on %s', (kind) => {
  const create = (): Promise<Executor> =>
    createTfjsExecutor(kind, { wasmPaths: 'node_modules/@tensorflow/tfjs-backend-wasm/dist/' });

  test('logits, the weighted loss and every gradient match Transformers', async () => {
    const executor = await create();
    const store = await executor.createStore(modelParameters(architecture, own), tensors);
    const inference = await executor.compile(graph, store);
    const found = await inference.run(inputs);
    expectClose(found[logitsOutput], decodeArray(fixture.logits).data, 1e-4, 'logits');
    expect(Math.abs((found[lossOutput]?.[0] ?? NaN) - fixture.loss)).toBeLessThan(1e-4);
    inference.dispose();
    const trainer = await executor.compileTraining(program, store, {
      optimizer: { type: 'sgd', momentum: 0, nesterov: false },
      weightDecay: 0,
      groups: [],
      maxGradNorm: null,
    });
    const { gradients } = await trainer.gradients(inputs, 1);
    const expected = Object.entries(fixture.gradients as Readonly<Record<string, StoredTensor>>);
    expect(new Set(gradients.keys())).toEqual(new Set(expected.map(([name]) => name)));
    for (const [name, value] of expected) {
      const { data } = decodeArray(value);
      const scale = Math.max(1e-3, ...data.map(Math.abs));
      expectClose(gradients.get(name), data, 1e-3 * scale, `gradient of ${name}`);
    }
    trainer.dispose();
    store.dispose();
    executor.dispose();
  });

  test('twenty steps of AdamW lie on one curve with PyTorch', async () => {
    const executor = await create();
    const store = await executor.createStore(modelParameters(architecture, own), tensors);
    const flat = [...modelTensors(architecture), ...own].filter(({ shape }) => shape.length < 2);
    const trainer = await executor.compileTraining(program, store, {
      optimizer: { type: 'adamw', beta1: 0.9, beta2: 0.98, epsilon: 1e-6 },
      weightDecay: 0.05,
      groups: [{ names: new Set(flat.map(({ name }) => name)), weightDecay: 0 }],
      maxGradNorm: null,
    });
    for (let step = 1; step <= fixture.losses.length; step++) {
      await trainer.step(inputs, { step, learningRate: 1e-2, seed: step });
    }
    const readings = await trainer.readings(true);
    readings.forEach(({ loss }, index) =>
      expect(Math.abs(loss - (fixture.losses[index] ?? NaN)), `loss of step ${index + 1}`).toBeLessThan(1e-3),
    );
    trainer.dispose();
    store.dispose();
    executor.dispose();
  });
});

function expectClose(actual: Float32Array | undefined, expected: ArrayLike<number>, tolerance: number, what: string) {
  expect(actual?.length, what).toBe(expected.length);
  const difference = Array.from(actual ?? []).reduce(
    (most, value, index) => Math.max(most, Math.abs(value - (expected[index] ?? NaN))),
    0,
  );
  expect(difference, what).toBeLessThan(tolerance);
}
