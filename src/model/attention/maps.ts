import {
  plainSgd,
  type Executor,
  type Inference,
  type InputData,
  type ParameterStore,
  type Trainer,
} from '../../engine/executor';
import { elementCount } from '../../engine/graph/value';
import {
  featuresOutput,
  rightInput,
  targetName,
  type AttentionGraphs,
  type LayerSources,
  type TokensRead,
} from './graphs';
import { layerMaps, relevance, rollout, timesMatrix, type LayerMaps } from './relevance';

/** How much each token of one sample had to do with what a tower made of it. */
export interface TokenWeights {
  /** What the tower made of it. */
  readonly features: Float32Array;
  /** By token, a share each: they sum to one. */
  readonly rollout: Float32Array;
  /** By token, 0 or more, on no scale of its own; null where no score was asked for. */
  readonly relevance: Float32Array | null;
}

/** Runs work while nothing else uses the device. */
export type Exclusively = <T>(work: () => Promise<T>) => Promise<T>;

/** How far the target is scaled down, so that the gradient of the cross-entropy is about a half of that of the score and never vanishes. */
const targetNorm = 2 ** -8;

/** What a tower attends to, under the weights of a store. Made for samples of one shape. */
export class AttentionMaps {
  private gradients: Promise<{ readonly store: ParameterStore; readonly trainer: Trainer }> | null = null;

  private constructor(
    private readonly executor: Executor,
    private readonly weights: ParameterStore,
    private readonly graphs: AttentionGraphs,
    private readonly reading: Inference,
    private readonly exclusively: Exclusively,
  ) {}

  /** @param weights stays the caller's */
  static async create(
    executor: Executor,
    weights: ParameterStore,
    graphs: AttentionGraphs,
    exclusively: Exclusively = (work) => work(),
  ): Promise<AttentionMaps> {
    const reading = await exclusively(() => executor.compile(graphs.reading, weights));
    return new AttentionMaps(executor, weights, graphs, reading, exclusively);
  }

  /**
   * @param target what the features are multiplied with to give the score; null: only rollout is wanted. A function is given the features
   * @param between awaited between layers; throwing in it ends the work
   */
  async of(
    inputs: InputData,
    target: Float32Array | ((features: Float32Array) => Float32Array) | null,
    between: () => Promise<void> = () => Promise.resolve(),
  ): Promise<TokenWeights> {
    const { layers, read } = this.graphs;
    const sources = await this.exclusively(() => this.reading.run(inputs));
    const features = sources[featuresOutput] ?? new Float32Array();
    const wanted = typeof target === 'function' ? target(features) : target;
    const gradients = wanted === null ? null : await this.gradientsOf(inputs, wanted);
    const maps: LayerMaps[] = [];
    for (const layer of layers) {
      maps.push(mapsOf(layer, sources, gradients?.get(layer.probe) ?? null));
      await between();
    }
    const along = (of: (maps: LayerMaps) => Float32Array, carry: typeof rollout): Float32Array => {
      const all = maps.map(of);
      const row =
        read.kind === 'attention'
          ? timesMatrix(Float32Array.of(1), all.pop() ?? new Float32Array())
          : rowRead(read, layers[0]?.node.tokens ?? 0, inputs);
      return carry(row, all);
    };
    return {
      features,
      rollout: along(({ mean }) => mean, rollout),
      relevance: gradients === null ? null : along(({ weighted }) => weighted ?? new Float32Array(), relevance),
    };
  }

  async dispose(): Promise<void> {
    const made = await this.gradients?.catch(() => null);
    this.reading.dispose();
    made?.trainer.dispose();
    made?.store.dispose();
  }

  /** Gradients of `target · features` in what attention puts out, by the names of the probes. */
  private async gradientsOf(inputs: InputData, target: Float32Array): Promise<ReadonlyMap<string, Float32Array>> {
    const { width } = this.graphs;
    const norm = Math.hypot(...target);
    const factor = norm === 0 ? 1 : targetNorm / norm;
    const rows = new Float32Array(2 * width);
    rows.set(target.map((value) => value * factor));
    this.gradients ??= this.compileGradients();
    const { store, trainer } = await this.gradients;
    const { loss, gradients } = await this.exclusively(async () => {
      await store.write(new Map([[targetName, rows]]));
      return trainer.gradients({ ...inputs, [rightInput]: Int32Array.of(0) }, 1);
    });
    // ∂loss/∂score = -(1 - e^-loss) · factor, as the loss is -log of the probability of the first of two.
    const slope = Math.expm1(-loss) * factor;
    return new Map([...gradients].map(([name, values]) => [name, values.map((value) => value / slope)]));
  }

  private compileGradients() {
    const { executor, graphs, weights } = this;
    const { own, program } = graphs;
    return this.exclusively(async () => {
      const zeros = own.flatMap(({ parts }) =>
        parts.map(({ name, shape }) => [name, new Float32Array(elementCount(shape))] as const),
      );
      const store = await executor.createStore(own, new Map(zeros), weights);
      try {
        return { store, trainer: await executor.compileTraining(program, store, plainSgd) };
      } catch (error) {
        store.dispose();
        throw error;
      }
    });
  }
}

/** The attention of a layer, of what the reading graph gave. */
export function mapsOf(
  { node, outputs }: LayerSources,
  sources: Readonly<Record<string, Float32Array>>,
  gradient: Float32Array | null,
): LayerMaps {
  const { heads, headSize, tokens: queries, keys, causal } = node;
  const width = heads * headSize;
  const rows = (name: string, stride: number, column: number) => ({
    data: sources[name] ?? new Float32Array(),
    stride,
    column,
  });
  const shape = { heads, queries, keys, headSize, causal };
  if (outputs.kind === 'together') {
    const part = (place: number) => rows(outputs.qkv, 3 * width, place * width);
    return layerMaps(shape, part(0), part(1), part(2), gradient);
  }
  const query = rows(outputs.query, width, 0);
  return layerMaps(
    shape,
    query,
    rows(outputs.keyValue, 2 * width, 0),
    rows(outputs.keyValue, 2 * width, width),
    gradient,
  );
}

/** How much of each token becomes features. */
function rowRead(read: Exclude<TokensRead, { kind: 'attention' }>, tokens: number, inputs: InputData): Float32Array {
  const row = new Float32Array(tokens);
  if (read.kind === 'mean') return row.fill(1 / (tokens - read.skipped), read.skipped);
  const place = read.kind === 'token' ? (read.row === 'first' ? 0 : tokens - 1) : (inputs[read.input]?.[0] ?? 0);
  row[place] = 1;
  return row;
}
