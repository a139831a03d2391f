import { beforeAll, describe, expect, test } from 'vitest';
import { plainSgd, type Executor, type ParameterStore } from '../../../engine/executor';
import { differentiate } from '../../../engine/graph/differentiate';
import type { Graph } from '../../../engine/graph/ir';
import { createTfjsExecutor } from '../../../engine/tfjs/executor';
import { clipFixture } from './testing/fixtures';
import { trainingInputs } from '../testing/parity';
import { modelParameters, tensorNames, trainableValues, towerOutput, towerGraph } from '../../architecture';
import { hiddenInput, modelInputs } from '../family';
import { lossOutput, pairInputs, pairGraph } from '../../pair-graph';

const { architecture, normalization, weights, pixels, ids, batch, tokens } = clipFixture('quick-gelu');
const eos = architecture.textInputs(ids, tokens)[modelInputs.poolIndex] as Int32Array;
const keys = Int32Array.from({ length: batch }, (_, index) => index);

describe('CLIP graph', () => {
  let executor: Executor;
  let store: ParameterStore;

  beforeAll(async () => {
    executor = await createTfjsExecutor('tfjs-cpu');
    store = await executor.createStore(modelParameters(architecture), weights);
  });

  const run = async (graph: Graph, inputs: Record<string, Float32Array | Int32Array | Uint8Array>) => {
    const inference = await executor.compile(graph, store);
    return (await inference.run(inputs))[towerOutput] ?? new Float32Array();
  };

  test('training on cached prefixes gives the loss and gradients of training on pixels and tokens', async () => {
    const trained = tensorNames(
      architecture,
      new Set(['vision.final_norm', 'vision.projection', 'text.blocks.2', 'logit_scale']),
    );
    const gradients = async (graph: Graph, inputs: Record<string, Float32Array | Int32Array | Uint8Array>) => {
      const program = differentiate(graph, graph.outputs[lossOutput] ?? -1, trainableValues(graph, trained));
      const trainer = await executor.compileTraining(program, store, plainSgd);
      const result = await trainer.gradients(inputs, 1);
      trainer.dispose();
      return result;
    };
    const shared = { batch, tokens, normalization };
    const direct = await gradients(
      pairGraph(architecture, shared),
      trainingInputs(architecture, pixels, ids, tokens, keys, keys),
    );
    const [imageFrom, textFrom] = ['final_norm', 'blocks.2'] as const;
    const cached = await gradients(pairGraph(architecture, { ...shared, imageFrom, textFrom }), {
      [hiddenInput('vision')]: await run(towerGraph(architecture, 'vision', { batch, normalization, to: imageFrom }), {
        [modelInputs.pixels]: pixels,
      }),
      [hiddenInput('text')]: await run(towerGraph(architecture, 'text', { batch, tokens, to: textFrom }), {
        [modelInputs.inputIds]: ids,
      }),
      [modelInputs.poolIndex]: eos,
      [pairInputs.imageKeys]: keys,
      [pairInputs.textKeys]: keys,
    });
    expect(cached).toEqual(direct);
    expect([...direct.gradients.keys()].sort()).toEqual([...trained].sort());
  });

  test('shorter captions give the features of padded ones', async () => {
    const short = 4;
    const cut = Int32Array.from(
      { length: batch * short },
      (_, at) => ids[Math.floor(at / short) * tokens + (at % short)] ?? 0,
    );
    const end = architecture.text.vocabulary - 1;
    for (let row = 0; row < batch; row++) cut[(row + 1) * short - 1] = end;
    const padded = new Int32Array(batch * tokens).fill(end);
    for (let row = 0; row < batch; row++) padded.set(cut.subarray(row * short, (row + 1) * short), row * tokens);
    const features = async (given: Int32Array, length: number) =>
      run(towerGraph(architecture, 'text', { batch, tokens: length }), {
        ...architecture.textInputs(given, length),
      });
    const brief = await features(cut, short);
    (await features(padded, tokens)).forEach((value, at) => expect(value).toBeCloseTo(brief[at] ?? NaN, 5));
  });
});
