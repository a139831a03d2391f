import { memory } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { plainSgd, type Executor, type ParameterStore, type TrainerOptions } from '../../../engine/executor';
import { differentiate } from '../../../engine/graph/differentiate';
import { createTfjsExecutor } from '../../../engine/tfjs/executor';
import { clipFixture } from './testing/fixtures';
import { trainingInputs } from '../testing/parity';
import { modelParameters, tensorNames, trainableValues } from '../../architecture';
import { lossOutput, pairGraph } from '../../pair-graph';

const { architecture, normalization, weights, pixels, ids, batch, tokens } = clipFixture('quick-gelu');
const everything = architecture.groups.map(({ id }) => id);
const wasmPaths = 'node_modules/@tensorflow/tfjs-backend-wasm/dist/';

describe.each(['tfjs-cpu', 'tfjs-wasm'] as const)('steps that save memory on %s', (kind) => {
  let executor: Executor;
  let store: ParameterStore;

  beforeAll(async () => {
    executor = await createTfjsExecutor(kind, { wasmPaths });
    store = await executor.createStore(modelParameters(architecture), weights);
  });

  /** Padding in the last place and a picture that occurs twice: keys reach across micro-batches. */
  const inputs = () =>
    trainingInputs(
      architecture,
      pixels,
      ids,
      tokens,
      Int32Array.of(0, 1, 2, 3, 1, -1),
      Int32Array.of(0, 1, 2, 3, 4, 5),
    );

  const gradients = async (size: number, extra: Partial<TrainerOptions>, groups = everything, dropout = 0) => {
    const graph = pairGraph(architecture, { batch: size, tokens, normalization, attentionDropout: dropout });
    const trainable = trainableValues(graph, tensorNames(architecture, new Set(groups)));
    const program = differentiate(graph, graph.outputs[lossOutput] ?? -1, trainable);
    const trainer = await executor.compileTraining(program, store, {
      ...plainSgd,
      ...extra,
    });
    const before = memory().numTensors;
    const result = await trainer.gradients(inputs(), 7);
    expect(memory().numTensors).toBe(before);
    trainer.dispose();
    return result;
  };

  const partly = ['vision.blocks.1', 'vision.projection', 'text.projection'];

  test.each([
    ['all layers', everything, 0],
    ['some layers', partly, 0],
    ['all layers with dropout', everything, 0.3],
  ])('checkpointing changes no bit: %s', async (_, groups, dropout) => {
    const plain = await gradients(batch, {}, groups, dropout);
    expect(await gradients(batch, { checkpointing: true }, groups, dropout)).toEqual(plain);
  });

  test.each([
    ['all layers', everything],
    ['some layers', partly],
    ['one tower', everything.filter((id) => id.startsWith('vision'))],
    ['the logit scale alone', ['logit_scale']],
  ])('micro-batches have the loss and gradients of one batch: %s', async (_, groups) => {
    const whole = await gradients(batch, {}, groups);
    for (const options of [{ microBatches: 3 }, { microBatches: 2, checkpointing: true }]) {
      const parts = await gradients(batch / options.microBatches, options, groups);
      expect(parts.loss).toBeCloseTo(whole.loss, 5);
      expect([...parts.gradients.keys()]).toEqual([...whole.gradients.keys()]);
      for (const [name, values] of whole.gradients) {
        values.forEach((value, at) => expect(parts.gradients.get(name)?.[at], name).toBeCloseTo(value, 5));
      }
    }
  });

  test('a batch that does not fall into equal parts is refused', async () => {
    await expect(gradients(4, { microBatches: 2 })).rejects.toThrow(/Input "\w+" is a \w+ of/);
  });
});
