import type { Inference, ParameterStore } from '../../engine/executor';
import { decodingGraph, decodingStates, generatorInputs, logitsOutput } from '../../model/generator-graph';
import type { GeneratorArchitecture } from '../../model/families/family';
import type { Device } from '../features/tower';
import type { TokenModel } from './token-model';

/** What a decoder is compiled for. */
export interface WordModelOptions {
  readonly architecture: GeneratorArchitecture;
  readonly device: Device;
  /** Pictures, or questions about them, that are written for side by side. */
  readonly sources: number;
  readonly beams: number;
  /** Tokens that every text begins with. */
  readonly promptTokens: number;
  /** Tokens that are written at most. */
  readonly longest: number;
  /** Tokens of a source that the decoder attends to, and whether there may be padding among them. */
  readonly keys: number;
  readonly padded: boolean;
}

/**
 * A decoder over kept keys and values: what it attends to is computed once for each source, and of each token what later ones need. It lies beside
 * the weights on the device, so that they may change between two texts.
 */
export class WordModel implements TokenModel {
  readonly rows: number;
  readonly vocabulary: number;
  private source: { readonly encoded: Float32Array; readonly lengths: Int32Array | null } | null = null;
  /** Tokens of each row so far. */
  private length = 0;

  private constructor(
    private readonly options: WordModelOptions,
    private readonly store: ParameterStore,
    private readonly first: Inference,
    private readonly following: Inference,
  ) {
    this.rows = options.sources * options.beams;
    this.vocabulary = options.architecture.text.vocabulary;
  }

  static async create(options: WordModelOptions): Promise<WordModel> {
    const { architecture, device, sources, beams, promptTokens, longest, keys, padded } = options;
    // The last token that is written is fed to nothing.
    const capacity = promptTokens + longest - 1;
    const shared = { pictures: sources, beams, capacity, keys, lengths: padded };
    const graphs = [
      decodingGraph(architecture, { ...shared, tokens: promptTokens, encoded: 'given' }),
      decodingGraph(architecture, { ...shared, tokens: 1, encoded: 'kept', reorder: beams > 1 }),
    ] as const;
    const { executor, store: weights, lock } = device;
    return lock.run(async () => {
      const states = new Map(graphs.flatMap(decodingStates).map((spec) => [spec.parts[0]?.name, spec] as const));
      const store = await executor.createStore([...states.values()], new Map(), weights);
      try {
        const first = await executor.compile(graphs[0], store);
        try {
          return new WordModel(options, store, first, await executor.compile(graphs[1], store));
        } catch (error) {
          first.dispose();
          throw error;
        }
      } catch (error) {
        store.dispose();
        throw error;
      }
    });
  }

  /**
   * What the texts that are started next are about.
   *
   * @param encoded `[sources * keys, encodedWidth]`
   * @param lengths of each source, where there may be padding
   */
  look(encoded: Float32Array, lengths: Int32Array | null): void {
    this.source = { encoded, lengths };
  }

  async start(prompt: readonly number[]): Promise<Float32Array> {
    const { rows, source, options } = this;
    if (source === null) throw new Error('There is nothing to write about.');
    if (prompt.length !== options.promptTokens) throw new Error('The beginning has another length.');
    const ids = Int32Array.from({ length: rows * prompt.length }, (_, place) => prompt[place % prompt.length]!);
    const logits = await this.run(this.first, { ids, encoded: source.encoded, parents: null });
    this.length = prompt.length;
    return logits;
  }

  async next(tokens: Int32Array, order: Int32Array | null): Promise<Float32Array> {
    const inOrder = order ?? Int32Array.from({ length: this.rows }, (_, row) => row);
    const parents = this.options.beams > 1 ? inOrder : null;
    const logits = await this.run(this.following, { ids: tokens, encoded: null, parents });
    this.length++;
    return logits;
  }

  dispose(): void {
    this.first.dispose();
    this.following.dispose();
    this.store.dispose();
  }

  private async run(
    inference: Inference,
    given: { readonly ids: Int32Array; readonly encoded: Float32Array | null; readonly parents: Int32Array | null },
  ): Promise<Float32Array> {
    const { ids, encoded, parents } = given;
    const lengths = this.source?.lengths ?? null;
    const before = ids.length === this.rows && encoded === null ? this.length : 0;
    const output = await this.options.device.lock.run(() =>
      inference.run({
        [generatorInputs.ids]: ids,
        [generatorInputs.offsets]: new Int32Array(this.rows).fill(before),
        ...(encoded === null ? {} : { [generatorInputs.encoded]: encoded }),
        ...(parents === null ? {} : { [generatorInputs.parents]: parents }),
        ...(lengths === null ? {} : { [generatorInputs.encodedLengths]: lengths }),
      }),
    );
    return output[logitsOutput] ?? new Float32Array();
  }
}
