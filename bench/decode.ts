import type { Executor, Inference } from '../src/engine/executor';
import { WebGpuExecutor } from '../src/engine/webgpu/executor';
import type { Graph } from '../src/engine/graph/ir';
import { elementCount, type ParameterSpec, type ValueId } from '../src/engine/graph/value';
import { generatorOf } from '../src/model/architecture';
import { openArchitecture } from '../src/model/families';
import type { GeneratorArchitecture } from '../src/model/families/family';
import {
  decodingGraph,
  decodingStates,
  generatorInputs,
  logitsOutput,
  type DecodingOptions,
} from '../src/model/generator-graph';
import { greedy } from '../src/recipe/decoding';
import { decode } from '../src/training/decoding';
import type { TokenModel } from '../src/training/decoding/token-model';
import { WordModel } from '../src/training/decoding/word-model';
import { DeviceLock } from '../src/training/device-lock';
import type { Device } from '../src/training/features/tower';
import { blipModels, blipWeights } from './blip-models';
import type { DecodeOptions, DecodeResult } from './decode-options';
import { countCalls } from './device-calls';
import { brief, type Report } from './harness';

/**
 * Times writing over kept keys and values, and the same without, as `generate` of Transformers does with `use_cache=False`: the decoder reads all
 * tokens anew for each next one, and makes keys and values of the picture's tokens, with graphs as long as the text so far. The picture's tokens
 * are given to both, so that the image tower counts for neither; only the last token's logits are computed by either. Both choose tokens alike.
 */

/** Owns the executor. */
export async function benchmarkDecode(
  executor: Executor,
  options: DecodeOptions,
  cpuTime: () => Promise<number | null>,
  report: Report,
): Promise<DecodeResult> {
  const { model, pictures, beams, tokens, runs } = options;
  const calls = executor instanceof WebGpuExecutor ? countCalls(executor.engine.device) : null;
  const architecture = generatorOf(
    openArchitecture({ model_type: 'blip', architectures: ['BlipForConditionalGeneration'], ...blipModels[model] }),
  );
  const [keys, width] = architecture.stageShape('vision', 'features', { batch: 1, reading: 'tokens' });
  const { parameters } = decodingGraph(architecture, { pictures, tokens: 1, capacity: 1, keys, encoded: 'given' });
  const decoder = parameters.filter(({ state }) => state !== true);
  const store = await executor.createStore(decoder, blipWeights(architecture, partNames(decoder)));
  const device: Device = { executor, store, lock: new DeviceLock() };
  const encoded = Float32Array.from({ length: pictures * keys * width }, (_, i) => Math.sin(1.7 * i));
  const decoding = { ...greedy, longest: tokens, beams };
  // No token has this number, so that every text is as long as asked for.
  const frame = { prompt: [architecture.special.begin], end: -1 };
  const shared = { sources: pictures, beams, promptTokens: 1, longest: tokens, keys, padded: false };
  const kept = await WordModel.create({ architecture, device, ...shared });
  kept.look(encoded, null);
  const anew = await anewModel(architecture, device, encoded, options);
  const times = { kept: Infinity, keptCpu: Infinity, first: Infinity, anew: Infinity, anewCpu: Infinity };
  let said: string | null = null;
  // Warmed up with two tokens: a whole text anew takes minutes where models are large.
  for (const model of [kept, anew]) await decode(model, frame, { ...decoding, longest: Math.min(2, tokens) });
  const time = async (model: TokenModel): Promise<{ readonly ms: number; readonly cpu: number }> => {
    const cpuStart = await cpuTime();
    const start = performance.now();
    const texts = JSON.stringify((await decode(model, frame, decoding)).map((text) => text.tokens));
    const ms = performance.now() - start;
    const cpuEnd = await cpuTime();
    if (texts !== (said ??= texts)) throw new Error('Both ways write different texts.');
    return { ms, cpu: cpuStart === null || cpuEnd === null ? Infinity : cpuEnd - cpuStart };
  };
  for (let run = 0; run < runs; run++) {
    const [ofKept, ofAnew] = [await time(kept), await time(anew)];
    const start = performance.now();
    await kept.start(frame.prompt);
    const first = performance.now() - start;
    report(
      `kept ${brief(ofKept.ms)} ms (CPU ${brief(ofKept.cpu)}), of which the first token ${brief(first)} ms; ` +
        `anew ${brief(ofAnew.ms)} ms (CPU ${brief(ofAnew.cpu)})`,
    );
    times.kept = Math.min(times.kept, ofKept.ms);
    times.keptCpu = Math.min(times.keptCpu, ofKept.cpu);
    times.anew = Math.min(times.anew, ofAnew.ms);
    times.anewCpu = Math.min(times.anewCpu, ofAnew.cpu);
    times.first = Math.min(times.first, first);
  }
  const before = calls?.();
  if (tokens > 1) await kept.next(new Int32Array(kept.rows), null);
  const after = calls?.();
  const graph = (own: Pick<DecodingOptions, 'tokens' | 'encoded'>): Graph =>
    decodingGraph(architecture, { pictures, beams, capacity: tokens, keys, ...own });
  const step = graph({ tokens: 1, encoded: 'kept' });
  const stateBytes = 4 * decodingStates(step).reduce((sum, { shape }) => sum + elementCount(shape), 0);
  const keptWork = multiplyAdds(graph({ tokens: 1, encoded: 'given' })) + (tokens - 1) * multiplyAdds(step);
  const anewWork = anew.graphs.reduce((sum, each) => sum + multiplyAdds(each), 0);
  kept.dispose();
  anew.dispose();
  const adapter = executor.description;
  store.dispose();
  executor.dispose();
  return {
    ...options,
    adapter,
    keptMs: brief(times.kept),
    firstMs: brief(times.first),
    anewMs: brief(times.anew),
    keptCpuMs: known(times.keptCpu),
    anewCpuMs: known(times.anewCpu),
    ratio: brief(times.anew / times.kept),
    cpuRatio: known(times.anewCpu / times.keptCpu),
    workRatio: brief(anewWork / keptWork),
    stateBytes,
    device:
      before === undefined || after === undefined
        ? null
        : {
            dispatches: after.dispatches - before.dispatches,
            submissions: after.submissions - before.submissions,
            readbacks: after.readbacks - before.readbacks,
          },
  };
}

function partNames(specs: readonly ParameterSpec[]): ReadonlySet<string> {
  return new Set(specs.flatMap(({ parts }) => parts.map(({ name }) => name)));
}

function known(value: number): number | null {
  return Number.isFinite(value) ? brief(value) : null;
}

async function anewModel(
  architecture: GeneratorArchitecture,
  { executor, store: weights }: Device,
  encoded: Float32Array,
  { pictures, beams, tokens }: DecodeOptions,
): Promise<TokenModel & { readonly graphs: readonly Graph[]; dispose(): void }> {
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
    graphs,
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

/** Of the products with weights, which are nearly all. */
function multiplyAdds({ nodes, values }: Graph): number {
  const size = (id: ValueId): number => elementCount(values[id]?.shape ?? []);
  return nodes.reduce((sum, node) => {
    if (node.op !== 'linear') return sum;
    const [, inner = 1] = values[node.x]?.shape ?? [];
    return sum + (size(node.x) / inner) * size(node.weight);
  }, 0);
}
