import type { Executor, InputData, ParameterStore } from '../src/engine/executor';
import {
  firstTrainableStage,
  modelParameters,
  modelTensors,
  noDecayNames,
  tensorNames,
  towerGraph,
  towerOutput,
} from '../src/model/architecture';
import { clipArchitecture } from '../src/model/families/clip/family';
import {
  hiddenInput,
  modelInputs,
  type Architecture,
  type PairArchitecture,
  type Stage,
  type Tower,
} from '../src/model/families/family';
import { benchModels, freshWeights, randomBatch, usualNormalization, type Batch } from './models';
import type { PairTask, StepOptions } from './step-options';
import type { StepSubject } from './step-subject';
import { taughtTask } from './step-tasks';
import { stockBatch } from './stock/model';

/** A step of CLIP: pictures and captions are matched, or a head reads both towers. */
export function pairSubject(name: PairTask, { model, batch: size, train }: StepOptions): StepSubject {
  const config = benchModels[model];
  const architecture = clipArchitecture(config);
  const groups = trainableGroups(architecture, train);
  const batch = randomBatch(config, size, 2);
  const task = taughtTask(name, architecture, size);
  const from = {
    vision: firstTrainableStage(architecture, 'vision', groups),
    text: firstTrainableStage(architecture, 'text', groups),
  };
  return {
    parameters: modelParameters(architecture, task.parts),
    parts: [...modelTensors(architecture), ...task.parts],
    weights: new Map([...freshWeights(config, 1), ...task.weights]),
    noDecay: new Set([...noDecayNames(architecture), ...task.noDecay]),
    graph: task.graph(from, { batch: size, tokens: config.text.maxPositions, normalization: usualNormalization }),
    trained: new Set([...tensorNames(architecture, groups), ...task.weights.keys()]),
    async inputs(executor, store) {
      const inputs: Record<string, InputData[string]> = { ...task.inputs };
      for (const tower of ['vision', 'text'] as const)
        Object.assign(inputs, await entering(executor, store, architecture, tower, from[tower], batch));
      return inputs;
    },
    stock() {
      const read = stockBatch(config, batch);
      return { trained: task.trained(groups), loss: (variables) => task.stockLoss(config, variables, read) };
    },
  };
}

/** Ids of the layer groups that a mode trains. */
function trainableGroups({ groups, towers }: PairArchitecture, train: StepOptions['train']): ReadonlySet<string> {
  const all = groups.map(({ id }) => id);
  if (train === 'full') return new Set(all);
  const kept = ['vision', 'text'].flatMap((name) => {
    const { blocks: count } = towers[name as Tower];
    const blocks = [count - 2, count - 1].map((layer) => `${name}.blocks.${layer}`);
    return train === 'last2' ? [...blocks, `${name}.final_norm`, `${name}.projection`] : [`${name}.projection`];
  });
  return new Set([...kept, 'logit_scale']);
}

/** The inputs of a tower that starts at the given stage; what lies below it is computed now. */
async function entering(
  executor: Executor,
  store: ParameterStore,
  architecture: Architecture,
  tower: Tower,
  stage: Stage,
  batch: Batch,
): Promise<Record<string, InputData[string]>> {
  const names = tower === 'vision' ? [modelInputs.pixels] : [modelInputs.inputIds, modelInputs.poolIndex];
  const own = Object.fromEntries(names.map((name) => [name, batch.inputs[name] ?? new Int32Array()]));
  if (stage === 'embeddings') return own;
  const options = {
    batch: batch.size,
    to: stage,
    tokens: architecture.text.maxTokens,
    normalization: usualNormalization,
  };
  const prefix = towerGraph(architecture, tower, options);
  const inference = await executor.compile(prefix, store);
  const used = new Set(prefix.values.map(({ name }) => name));
  const result = await inference.run(Object.fromEntries(Object.entries(own).filter(([name]) => used.has(name))));
  inference.dispose();
  const hidden = result[towerOutput] ?? new Float32Array();
  if (tower === 'vision') return { [hiddenInput('vision')]: hidden };
  // Blocks pool their last token row themselves; above them the pooled rows come in.
  const pools = stage.startsWith('blocks.');
  return { [hiddenInput('text')]: hidden, ...(pools ? { [modelInputs.poolIndex]: batch.ends } : {}) };
}
