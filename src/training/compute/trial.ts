import { z } from 'zod';
import { plainSgd, type Executor, type InputData } from '../../engine/executor';
import { differentiate } from '../../engine/graph/differentiate';
import type { Graph } from '../../engine/graph/ir';
import { elementCount } from '../../engine/graph/value';
import type { PixelNormalization } from '../../engine/ops/patchify/node';
import { modelParameters, tensorNames, trainableValues } from '../../model/architecture';
import type { Architecture } from '../../model/families/family';
import { wordLossGraph } from '../../model/generator-graph';
import { lossOutput, pairGraph } from '../../model/pair-graph';
import { trainableGroups } from '../../recipe/trainable';
import { database } from '../../storage/db';
import { storing } from '../../storage/storing';
import type { ModelHandle } from '../model-handle';
import { graphInputs } from '../features/tower';

/** Milliseconds of a step of the trial; null for a backend that failed or was too slow to wait for. */
export interface TrialResult {
  readonly webgpu: number | null;
  readonly wasm: number | null;
}

const resultSchema = z.object({
  webgpu: z.number().nullable(),
  wasm: z.number().nullable(),
}) satisfies z.ZodType<TrialResult>;

/** Pairs and caption length of a trial step. */
const batch = 4;
const longest = 16;
/** Milliseconds given to the first step, which compiles, and least to the second. */
const usualPatience = { warmUp: 20_000, least: 2_000 };

/**
 * Times a small training step of the model (the last block of each tower is trained) on an executor.
 *
 * @param limit milliseconds after which the step is not worth waiting for
 * @returns milliseconds, or null when the executor fails or takes longer
 */
export async function timeStep(
  executor: Executor,
  model: ModelHandle,
  limit = Infinity,
  { warmUp, least } = usualPatience,
): Promise<number | null> {
  const { architecture, normalization, tensors } = model;
  const graph = trialGraph(architecture, normalization);
  const groups = trainableGroups({ freeze: 'last-blocks', lastBlocks: 1, trainableGroups: [] }, architecture.groups);
  const loss = graph.outputs[lossOutput] ?? -1;
  const program = differentiate(graph, loss, trainableValues(graph, tensorNames(architecture, groups)));
  try {
    const store = await executor.createStore(modelParameters(architecture), tensors);
    const trainer = await executor.compileTraining(program, store, plainSgd);
    try {
      const step = async (number: number, within: number): Promise<number | null> => {
        const began = performance.now();
        const work = (async () => {
          await trainer.step(blankInputs(graph), { step: number, learningRate: 0, seed: 1 });
          await trainer.readings(true);
          return performance.now() - began;
        })();
        return Number.isFinite(within) ? Promise.race([work, givingUp(within)]) : work;
      };
      const first = await step(1, Number.isFinite(limit) ? warmUp : Infinity);
      return first === null ? null : await step(2, Math.max(limit, least));
    } finally {
      trainer.dispose();
      store.dispose();
    }
  } catch {
    // Whatever is wrong with this backend, the other one is there; its own start reports what fails.
    return null;
  }
}

function givingUp(after: number): Promise<null> {
  return new Promise((resolve) => setTimeout(() => resolve(null), after));
}

function trialGraph(architecture: Architecture, normalization: PixelNormalization): Graph {
  return architecture.kind === 'pair'
    ? pairGraph(architecture, { batch, tokens: architecture.sequenceLength(longest), normalization })
    : wordLossGraph(architecture, { batch, tokens: Math.min(longest, architecture.text.maxTokens), normalization });
}

/** Inputs of the right shapes: the time does not depend on what is in the pictures. */
function blankInputs(graph: Parameters<typeof graphInputs>[0]): InputData {
  const names = graphInputs(graph);
  const inputs: Record<string, Int32Array | Uint8Array> = {};
  for (const { kind, name, dtype, shape } of graph.values) {
    if (kind !== 'input' || !names.has(name)) continue;
    const size = elementCount(shape);
    if (dtype === 'u8') inputs[name] = new Uint8Array(size).map((_, i) => i % 251);
    else inputs[name] = new Int32Array(size).map((_, i) => (shape.length === 1 ? i % batch : 1));
  }
  return inputs;
}

const keyOf = (adapter: string, model: string, version: string): string => `trial/${version}/${adapter}/${model}`;

/** What an earlier trial on this machine found. */
export async function readTrial(adapter: string, model: string, version: string): Promise<TrialResult | null> {
  const db = await database();
  return resultSchema.safeParse(await db.get('settings', keyOf(adapter, model, version))).data ?? null;
}

/** Where it cannot be written down, the next visit finds out anew. */
export async function rememberTrial(
  adapter: string,
  model: string,
  version: string,
  result: TrialResult,
): Promise<void> {
  await storing((db) => db.put('settings', result, keyOf(adapter, model, version))).catch(() => undefined);
}
