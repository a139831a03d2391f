import type { Executor, Inference } from '../src/engine/executor';
import { elementCount } from '../src/engine/graph/ir';
import { generatorOf, modelParameters, modelTensors } from '../src/model/architecture';
import { openArchitecture } from '../src/model/families';
import type { GeneratorArchitecture } from '../src/model/families/family';
import { decodingGraph, decodingStates, generatorInputs, logitsOutput } from '../src/model/generator-graph';
import { greedy } from '../src/recipe/decoding';
import { decode } from '../src/training/decoding';
import type { TokenModel } from '../src/training/decoding/token-model';
import { WordModel } from '../src/training/decoding/word-model';
import { DeviceLock } from '../src/training/device-lock';
import type { Device } from '../src/training/features/tower';
import type { DecodeModel, DecodeOptions, DecodeResult } from './decode-options';
import { brief, type Report } from './harness';

/**
 * Times writing over kept keys and values, and the same without: a decoder that reads all tokens anew for each next one, with graphs as long as the
 * text so far. What the decoder attends to is given to both; only the last token's logits are computed by either.
 */

const configs: Readonly<Record<DecodeModel, object>> = {
  small: {
    text_config: {
      hidden_size: 192,
      intermediate_size: 576,
      num_hidden_layers: 3,
      num_attention_heads: 3,
      vocab_size: 4000,
      max_position_embeddings: 32,
      bos_token_id: 5,
      sep_token_id: 3,
    },
    vision_config: {
      hidden_size: 192,
      intermediate_size: 768,
      num_hidden_layers: 6,
      num_attention_heads: 3,
      image_size: 64,
      patch_size: 8,
    },
  },
  // BLIP-base, with pictures of 224 pixels.
  base: { text_config: { num_attention_heads: 12 }, vision_config: { image_size: 224 } },
};

const runs = 3;

/** Owns the executor. */
export async function benchmarkDecode(
  executor: Executor,
  options: DecodeOptions,
  report: Report,
): Promise<DecodeResult> {
  const { model, pictures, beams, tokens } = options;
  const architecture = generatorOf(
    openArchitecture({ model_type: 'blip', architectures: ['BlipForConditionalGeneration'], ...configs[model] }),
  );
  const store = await executor.createStore(modelParameters(architecture), weightsOf(architecture));
  const device: Device = { executor, store, lock: new DeviceLock() };
  const [keys, width] = architecture.stageShape('vision', 'features', { batch: 1, reading: 'tokens' });
  const encoded = Float32Array.from({ length: pictures * keys * width }, (_, i) => Math.sin(1.7 * i));
  const decoding = { ...greedy, longest: tokens, beams };
  // No token has this number, so that every text is as long as asked for.
  const frame = { prompt: [architecture.special.begin], end: -1 };
  const time = async (what: string, made: TokenModel & { dispose(): void }): Promise<readonly [number, string]> => {
    let best = Infinity;
    let said = '';
    for (let run = 0; run <= runs; run++) {
      const start = performance.now();
      said = JSON.stringify((await decode(made, frame, decoding)).map((text) => text.tokens));
      if (run > 0) best = Math.min(best, performance.now() - start);
    }
    made.dispose();
    report(`${what} on ${executor.description}: ${best.toFixed(1)} ms`);
    return [best, said];
  };
  const shared = { sources: pictures, beams, promptTokens: 1, longest: tokens, keys, padded: false };
  const kept = await WordModel.create({ architecture, device, ...shared });
  kept.look(encoded, null);
  const [keptMs, fromKept] = await time('over kept keys and values', kept);
  const [anewMs, fromAnew] = await time('reading all anew', await anewModel(architecture, device, encoded, options));
  if (fromKept !== fromAnew) throw new Error('Both ways write different texts.');
  const states = decodingStates(
    decodingGraph(architecture, { pictures, beams, tokens: 1, capacity: tokens, keys, encoded: 'kept' }),
  );
  const stateBytes = 4 * states.reduce((sum, { shape }) => sum + elementCount(shape), 0);
  const adapter = executor.description;
  store.dispose();
  executor.dispose();
  return {
    ...options,
    adapter,
    keptMs: brief(keptMs),
    anewMs: brief(anewMs),
    ratio: brief(anewMs / keptMs),
    stateBytes,
  };
}

async function anewModel(
  architecture: GeneratorArchitecture,
  { executor, store: weights }: Device,
  encoded: Float32Array,
  { pictures, beams, tokens }: DecodeOptions,
): Promise<TokenModel & { dispose(): void }> {
  const rows = pictures * beams;
  const [keys] = architecture.stageShape('vision', 'features', { batch: 1, reading: 'tokens' });
  const graphs = Array.from({ length: tokens }, (_, index) =>
    decodingGraph(architecture, { pictures, beams, tokens: index + 1, capacity: tokens, keys, encoded: 'given' }),
  );
  const states = new Map(graphs.flatMap(decodingStates).map((spec) => [spec.parts[0]?.name, spec] as const));
  const store = await executor.createStore([...states.values()], new Map(), weights);
  const passes: Inference[] = [];
  for (const graph of graphs) passes.push(await executor.compile(graph, store));
  let texts: number[][] = [];
  const run = async (): Promise<Float32Array> => {
    const output = await passes[(texts[0]?.length ?? 1) - 1]?.run({
      [generatorInputs.ids]: Int32Array.from(texts.flat()),
      [generatorInputs.offsets]: new Int32Array(rows),
      [generatorInputs.encoded]: encoded,
    });
    return output?.[logitsOutput] ?? new Float32Array();
  };
  return {
    rows,
    vocabulary: architecture.text.vocabulary,
    start(prompt) {
      texts = Array.from({ length: rows }, () => [...prompt]);
      return run();
    },
    next(last, order) {
      texts = texts.map((text, row) => [...(texts[order?.[row] ?? row] ?? text), last[row] ?? 0]);
      return run();
    },
    dispose() {
      for (const pass of passes) pass.dispose();
      store.dispose();
    },
  };
}

/** Repeatable weights with the usual spread; norms at one. */
function weightsOf(architecture: GeneratorArchitecture): Map<string, Float32Array> {
  let state = 1;
  const random = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
  return new Map(
    modelTensors(architecture).map(({ name, shape }): [string, Float32Array] => {
      const norm = /norm.*weight$/i.test(name);
      const spread = shape.length === 2 ? (3 / (shape[1] ?? 1)) ** 0.5 : 0.02;
      return [name, Float32Array.from({ length: elementCount(shape) }, () => (norm ? 1 : spread * random()))];
    }),
  );
}
