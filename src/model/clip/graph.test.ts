import { beforeAll, describe, expect, test } from 'vitest';
import { PLAIN_SGD, type Executor, type ParameterStore } from '../../engine/executor';
import { differentiate } from '../../engine/graph/differentiate';
import { createTfjsExecutor } from '../../engine/tfjs/executor';
import { endOfTextIndices } from './eos';
import {
  CLIP_INPUTS,
  clipImageFeatures,
  clipParameters,
  clipTextFeatures,
  clipTowerGraph,
  clipTrainingGraph,
  LOSS_OUTPUT,
  TOWER_OUTPUT,
} from './graph';
import { tensorNames, trainableValues } from './groups';
import { hiddenShape, imageTokenCount, towerStages } from './stages';
import { clipFixture, trainingInputs } from './testing/parity';

const { config, normalization, weights, pixels, ids, batch, tokens } = clipFixture('quick-gelu');
const eos = endOfTextIndices(config, ids, tokens);
const keys = Int32Array.from({ length: batch }, (_, index) => index);

describe('CLIP graph', () => {
  let executor: Executor;
  let store: ParameterStore;

  beforeAll(async () => {
    executor = await createTfjsExecutor('tfjs-cpu');
    store = await executor.createStore(clipParameters(config), weights);
  });

  const run = async (
    graph: ReturnType<typeof clipTowerGraph>,
    inputs: Record<string, Float32Array | Int32Array | Uint8Array>,
  ) => {
    const inference = await executor.compile(graph, store);
    return (await inference.run(inputs))[TOWER_OUTPUT] ?? new Float32Array();
  };

  test.each(towerStages(config, 'vision').slice(1, -1))('the vision tower can be cut at %s', async (stage) => {
    if (stage === 'embeddings') return;
    const whole = await run(clipImageFeatures(config, { batch, normalization }), { [CLIP_INPUTS.pixels]: pixels });
    const lower = clipTowerGraph(config, 'vision', { batch, normalization, to: stage });
    const hidden = await run(lower, { [CLIP_INPUTS.pixels]: pixels });
    const [rows, width] = hiddenShape(config, 'vision', stage, batch, imageTokenCount(config));
    expect(hidden.length).toBe(rows * width);
    const upper = clipImageFeatures(config, { batch, from: stage });
    expect(await run(upper, { [CLIP_INPUTS.imageHidden]: hidden })).toEqual(whole);
  });

  test.each(towerStages(config, 'text').slice(1, -1))('the text tower can be cut at %s', async (stage) => {
    const inputs = { [CLIP_INPUTS.inputIds]: ids, [CLIP_INPUTS.eosIndex]: eos };
    const whole = await run(clipTextFeatures(config, { batch, tokens }), inputs);
    const hidden = await run(clipTowerGraph(config, 'text', { batch, tokens, to: stage }), inputs);
    const rest = await run(clipTextFeatures(config, { batch, tokens, from: stage }), {
      [CLIP_INPUTS.textHidden]: hidden,
      [CLIP_INPUTS.eosIndex]: eos,
    });
    expect(rest).toEqual(whole);
  });

  test('training on cached prefixes gives the loss and gradients of training on pixels and tokens', async () => {
    const trained = tensorNames(
      config,
      new Set(['vision.final_norm', 'vision.projection', 'text.blocks.2', 'logit_scale']),
    );
    const gradients = async (
      graph: ReturnType<typeof clipTrainingGraph>,
      inputs: Record<string, Float32Array | Int32Array | Uint8Array>,
    ) => {
      const program = differentiate(graph, graph.outputs[LOSS_OUTPUT] ?? -1, trainableValues(graph, trained));
      const trainer = await executor.compileTraining(program, store, PLAIN_SGD);
      const result = await trainer.gradients(inputs, 1);
      trainer.dispose();
      return result;
    };
    const shared = { batch, tokens, normalization };
    const direct = await gradients(
      clipTrainingGraph(config, shared),
      trainingInputs(config, pixels, ids, tokens, keys, keys),
    );
    const [imageFrom, textFrom] = ['final_norm', 'blocks.2'] as const;
    const cached = await gradients(clipTrainingGraph(config, { ...shared, imageFrom, textFrom }), {
      [CLIP_INPUTS.imageHidden]: await run(clipTowerGraph(config, 'vision', { batch, normalization, to: imageFrom }), {
        [CLIP_INPUTS.pixels]: pixels,
      }),
      [CLIP_INPUTS.textHidden]: await run(clipTowerGraph(config, 'text', { batch, tokens, to: textFrom }), {
        [CLIP_INPUTS.inputIds]: ids,
      }),
      [CLIP_INPUTS.eosIndex]: eos,
      [CLIP_INPUTS.imageKeys]: keys,
      [CLIP_INPUTS.textKeys]: keys,
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
    const end = config.text.vocabularySize - 1;
    for (let row = 0; row < batch; row++) cut[(row + 1) * short - 1] = end;
    const padded = new Int32Array(batch * tokens).fill(end);
    for (let row = 0; row < batch; row++) padded.set(cut.subarray(row * short, (row + 1) * short), row * tokens);
    const features = async (given: Int32Array, length: number) =>
      run(clipTextFeatures(config, { batch, tokens: length }), {
        [CLIP_INPUTS.inputIds]: given,
        [CLIP_INPUTS.eosIndex]: endOfTextIndices(config, given, length),
      });
    const brief = await features(cut, short);
    (await features(padded, tokens)).forEach((value, at) => expect(value).toBeCloseTo(brief[at] ?? NaN, 5));
  });

  test('a stage that the tower does not have is refused', () => {
    expect(() => clipTowerGraph(config, 'vision', { batch, from: 'blocks.7' })).toThrow(/no stage "blocks.7"/);
    expect(() => clipTowerGraph(config, 'text', { batch, from: 'projection', to: 'blocks.0' })).toThrow(/cannot run/);
  });
});
