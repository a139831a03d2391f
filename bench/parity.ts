import type { Executor } from '../src/engine/executor';
import { differentiate } from '../src/engine/graph/differentiate';
import { readSafetensors, tensorValues, type StoredTensor } from '../src/model/safetensors';
import { usualNormalization } from './models';
import type { Report } from './harness';
import { modelParameters, modelTensors, noDecayNames, pairOf, trainableValues } from '../src/model/architecture';
import { openArchitecture } from '../src/model/families';
import { modelInputs } from '../src/model/families/family';
import { lossOutput, pairInputs, pairGraph } from '../src/model/pair-graph';

/** Reads a file of the folder that `reference/large_clip.py` wrote. */
export type ReadFile = (path: string) => Promise<Uint8Array>;

/** How far Vernier's training step is from PyTorch's. */
export interface ParityResult {
  readonly adapter: string;
  readonly batch: number;
  readonly loss: { readonly pytorch: number; readonly vernier: number };
  readonly lossAfter: { readonly pytorch: number; readonly vernier: number };
  /** Largest difference of any element of a gradient ÷ the largest magnitude in its tensor. */
  readonly gradients: Readonly<Record<string, number>>;
  /** The same of the values after the step. */
  readonly weights: Readonly<Record<string, number>>;
  readonly worstGradient: number;
  readonly worstWeight: number;
}

/** As in `reference/large_clip.py`. */
const optimizer = { type: 'adamw', beta1: 0.9, beta2: 0.98, epsilon: 1e-6 } as const;
const learningRate = 1e-5;
const weightDecay = 0.1;

/** One step of AdamW on the model and the batch of a folder of `reference/large_clip.py`, beside PyTorch's values. */
export async function measureParity(executor: Executor, read: ReadFile, report: Report): Promise<ParityResult> {
  const architecture = openArchitecture(JSON.parse(new TextDecoder().decode(await read('model/config.json'))));
  const expected = readSafetensors(await read('step.safetensors'), 'step.safetensors');
  const stored = readSafetensors(await read('model/model.safetensors'), 'model.safetensors');
  const [batch = 0, tokens = 0] = tensor(expected, 'input_ids').shape;
  const graph = pairGraph(architecture, { batch, tokens, normalization: usualNormalization });
  const program = differentiate(
    graph,
    graph.outputs[lossOutput] ?? -1,
    trainableValues(graph, new Set(modelTensors(architecture).map(({ name }) => name))),
  );
  const weights = new Map(modelTensors(architecture).map(({ name }) => [name, tensorValues(tensor(stored, name))]));
  const store = await executor.createStore(modelParameters(architecture), weights);
  const trainer = await executor.compileTraining(program, store, {
    optimizer,
    weightDecay,
    groups: [{ names: noDecayNames(architecture), weightDecay: 0 }],
    maxGradNorm: null,
  });
  report(`compiled on ${executor.description}`);
  const ids = new Int32Array(copy(tensor(expected, 'input_ids')).buffer);
  const keys = Int32Array.from({ length: batch }, (_, row) => row);
  const inputs = {
    [modelInputs.pixels]: copy(tensor(expected, 'pixels')),
    ...pairOf(architecture).textInputs(ids, tokens),
    [pairInputs.imageKeys]: keys,
    [pairInputs.textKeys]: keys,
  };
  const value = (name: string): number => tensorValues(tensor(expected, name))[0] ?? NaN;
  const { loss, gradients } = await trainer.gradients(inputs, 1);
  report(`loss ${loss}, PyTorch ${value('loss')}`);
  await trainer.step(inputs, { step: 1, learningRate, seed: 1 });
  await trainer.readings(true);
  const watched = [...expected.keys()].filter((key) => key.startsWith('grad.')).map((key) => key.slice('grad.'.length));
  const after = await store.read(watched);
  const { loss: lossAfter } = await trainer.gradients(inputs, 1);
  report(`after the step ${lossAfter}, PyTorch ${value('loss_after')}`);
  const distances = (found: ReadonlyMap<string, Float32Array>, prefix: string): Record<string, number> =>
    Object.fromEntries(
      watched.map((name) => [name, distance(found.get(name), tensorValues(tensor(expected, prefix + name)))]),
    );
  const [ofGradients, ofWeights] = [distances(gradients, 'grad.'), distances(after, 'after.')];
  trainer.dispose();
  store.dispose();
  return {
    adapter: executor.description,
    batch,
    loss: { pytorch: value('loss'), vernier: loss },
    lossAfter: { pytorch: value('loss_after'), vernier: lossAfter },
    gradients: ofGradients,
    weights: ofWeights,
    worstGradient: Math.max(...Object.values(ofGradients)),
    worstWeight: Math.max(...Object.values(ofWeights)),
  };
}

function tensor(tensors: ReadonlyMap<string, StoredTensor>, name: string): StoredTensor {
  const found = tensors.get(name);
  if (found === undefined) throw new Error(`The folder has no tensor ${name}.`);
  return found;
}

/** Largest difference ÷ largest expected magnitude; NaN where a value is missing. */
function distance(found: Float32Array | undefined, expected: Float32Array): number {
  if (found?.length !== expected.length) return NaN;
  let [furthest, largest] = [0, 0];
  expected.forEach((value, i) => {
    furthest = Math.max(furthest, Math.abs((found[i] ?? NaN) - value));
    largest = Math.max(largest, Math.abs(value));
  });
  return furthest / largest;
}

/** The bytes, from the start of a buffer of their own. */
function copy({ bytes }: StoredTensor): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes);
}
