import type { Executor } from '../../engine/executor';
import type { WeightDelta } from '../../runs/weight-set';
import { generatorOf, pairOf } from '../../model/architecture';
import { logitsOutput, wordLossGraph } from '../../model/generator-graph';
import { decoderTokens, forcedWords, questionInputs } from '../../model/teacher-forcing';
import { attentionGraphs } from '../../model/attention/graphs';
import { AttentionMaps } from '../../model/attention/maps';
import { writtenGraph, writtenInputs, writtenOver } from '../../model/attention/written';
import { modelInputs, type Reading, type Tower } from '../../model/families/family';
import type { DeviceLock } from '../device-lock';
import type { ModelHandle } from '../model-handle';
import { pixelSource, TextSource, type SampleSource } from './samples';
import { TowerPass, type Device, type RankDevice } from './tower';
import { createWeightStore } from './weight-store';

/** Rows of compiled passes: a single query should not pay for a whole batch. */
const rowSizes = [1, 8, 32] as const;

interface Disposable {
  dispose(): void;
}

/** One set of weights on the device, turning pictures and captions into L2-normalised features. Passes are compiled when first needed. */
export class Encoder {
  private readonly passes = new Map<string, Promise<TowerPass>>();
  private readonly maps = new Map<string, Promise<AttentionMaps>>();
  private readonly parts = new Map<string, Promise<Disposable>>();

  private constructor(
    private readonly model: ModelHandle,
    private readonly device: Device,
  ) {}

  /** @param delta what differs from the model's own weights */
  static async create(
    model: ModelHandle,
    delta: WeightDelta | null,
    executor: Executor,
    lock: DeviceLock,
  ): Promise<Encoder> {
    const store = await createWeightStore(model, delta, executor, lock);
    return new Encoder(model, { executor, store, lock });
  }

  get width(): number {
    return pairOf(this.model.architecture).featureSize;
  }

  /** Features of pictures `[count, width]`. */
  async images(
    count: number,
    pixels: (index: number) => Promise<Uint8Array>,
    between?: (done: number) => Promise<void>,
  ): Promise<Float32Array> {
    return this.encode('vision', pixelSource(this.model, count, pixels), 0, between);
  }

  /** What else is read of pictures: all of their tokens, or the mean of their patches. `[count, elements of a reading]`. */
  async readPictures(
    count: number,
    pixels: (index: number) => Promise<Uint8Array>,
    reading: Reading,
    between?: (done: number) => Promise<void>,
  ): Promise<Float32Array> {
    return this.encode('vision', pixelSource(this.model, count, pixels), 0, between, reading);
  }

  /** What is read of some texts of a source, `[texts, elements of a reading]`. */
  async readTexts(source: TextSource, texts: readonly number[], reading: Reading): Promise<Float32Array> {
    return this.encode('text', source, source.tokens, undefined, reading, texts);
  }

  /** All tokens of pictures, as what writes about them attends to them: `[count * (patches + 1), width of the image tower]`. */
  async pictureTokens(
    count: number,
    pixels: (index: number) => Promise<Uint8Array>,
    between?: (done: number) => Promise<void>,
  ): Promise<Float32Array> {
    return this.encode('vision', pixelSource(this.model, count, pixels), 0, between, 'tokens');
  }

  /** Features of captions `[captions, width]`. */
  async texts(captions: readonly string[], between?: (done: number) => Promise<void>): Promise<Float32Array> {
    const source = new TextSource(this.model, captions);
    return this.encode('text', source, source.tokens, between);
  }

  /**
   * What a tower attends to in one sample.
   *
   * @param tokens of captions of its length; the vision tower ignores it
   */
  attention(tower: Tower, reading: Reading, tokens: number): Promise<AttentionMaps> {
    const key = `${tower}/${reading}/${tokens}`;
    const known = this.maps.get(key);
    if (known !== undefined) return known;
    const { architecture, normalization } = this.model;
    const { executor, store, lock } = this.device;
    const graphs = attentionGraphs((builder) =>
      architecture.tower(builder, tower, { batch: 1, tokens, normalization, reading, attentionDropout: 0 }),
    );
    const made = AttentionMaps.create(executor, store, graphs, (work) => lock.run(work));
    this.maps.set(key, made);
    made.catch(() => this.maps.delete(key));
    return made;
  }

  /**
   * Where the words that a model has written look: how much each token that its decoder read attended to each token of the picture.
   *
   * @param ids as the decoder reads them, from the token that begins
   * @param question as its encoder reads it; null for a caption
   * @returns `[ids, tokens of the picture]`
   * @throws ModelError `unsupported` for models that write no words
   */
  async written(pixels: Uint8Array, ids: readonly number[], question: readonly number[] | null): Promise<Float32Array> {
    const { architecture, normalization } = this.model;
    const { executor, store, lock } = this.device;
    const made = writtenGraph(generatorOf(architecture), {
      tokens: ids.length,
      questionTokens: question?.length ?? null,
      normalization,
    });
    const inference = await lock.run(() => executor.compile(made.graph, store));
    try {
      const inputs = { [modelInputs.pixels]: pixels, ...writtenInputs(ids, question) };
      return writtenOver(made, await lock.run(() => inference.run(inputs)));
    } finally {
      inference.dispose();
    }
  }

  /**
   * Logits of what comes next behind every word of a text, in its picture's light, `[count * tokens, vocabulary]`: of each picture one text, in turn. Where
   * the model answers questions the text is the question too.
   *
   * @throws ModelError `unsupported` for a model that writes no words
   */
  async nextWords(
    count: number,
    pixels: (index: number) => Promise<Uint8Array>,
    texts: readonly string[],
  ): Promise<Float32Array> {
    const { model, device } = this;
    const architecture = generatorOf(model.architecture);
    const sequences = Array.from(
      { length: count },
      (_, index) => model.tokenize(texts[index % texts.length] ?? '').ids,
    );
    const longest = Math.max(...sequences.map(({ length }) => length));
    const labels = { labels: 'lavis' as const };
    const asks = architecture.towers.question !== undefined;
    const graph = wordLossGraph(architecture, {
      batch: count,
      tokens: decoderTokens(longest),
      ...(asks && { questionTokens: longest }),
      normalization: model.normalization,
      attentionDropout: 0,
    });
    const indices = Array.from({ length: count }, (_, index) => index);
    const data = {
      ...(await pixelSource(model, count, pixels).inputs(indices, count)),
      ...forcedWords(architecture, sequences, { ...labels, tokens: decoderTokens(longest) }),
      ...(asks && questionInputs(architecture, sequences, { ...labels, tokens: longest })),
    };
    return device.lock.run(async () => {
      const inference = await device.executor.compile(graph, device.store);
      try {
        return (await inference.run(data))[logitsOutput] ?? new Float32Array();
      } finally {
        inference.dispose();
      }
    });
  }

  /** Natural logarithm of the scale that similarities are multiplied by. */
  async logLogitScale(): Promise<number> {
    const { store, lock } = this.device;
    const { name } = pairOf(this.model.architecture).logits.scale;
    const values = await lock.run(() => store.read([name]));
    return values.get(name)?.[0] ?? NaN;
  }

  /** Runs `work` with what the weights are on. */
  withDevice<T>(work: (device: RankDevice) => Promise<T>): Promise<T> {
    return work(this.device);
  }

  /** Runs `work` with what the weights are on, and with the weights. */
  lend<T>(work: (device: Device) => Promise<T>): Promise<T> {
    return work(this.device);
  }

  /**
   * Something else that is compiled for these weights: made when its key is first asked for, and kept as long as the encoder is.
   *
   * @param key the same for what `make` makes the same
   */
  part<Part extends Disposable>(key: string, make: (device: Device) => Promise<Part>): Promise<Part> {
    const known = this.parts.get(key) as Promise<Part> | undefined;
    if (known !== undefined) return known;
    const made = make(this.device);
    this.parts.set(key, made);
    made.catch(() => this.parts.delete(key));
    return made;
  }

  async dispose(): Promise<void> {
    const { store, lock } = this.device;
    const passes = await Promise.allSettled([...this.parts.values(), ...this.passes.values()]);
    const maps = await Promise.allSettled(this.maps.values());
    for (const made of maps) if (made.status === 'fulfilled') await made.value.dispose();
    await lock.run(() => {
      for (const pass of passes) if (pass.status === 'fulfilled') pass.value.dispose();
      store.dispose();
      return Promise.resolve();
    });
  }

  /** @throws ModelError `unsupported` for a model without a shared space, where that is asked for */
  private async encode(
    tower: Tower,
    source: SampleSource,
    tokens: number,
    between: ((done: number) => Promise<void>) | undefined,
    reading: Reading = 'embedding',
    samples: readonly number[] = Array.from({ length: source.count }, (_, index) => index),
  ): Promise<Float32Array> {
    if (reading === 'embedding') pairOf(this.model.architecture);
    if (samples.length === 0) return new Float32Array();
    const rows = rowSizes.find((size) => size >= samples.length) ?? rowSizes[2];
    const pass = await this.pass(tower, rows, tokens, source, reading);
    return pass.run(samples, between, source);
  }

  private pass(tower: Tower, rows: number, tokens: number, source: SampleSource, reading: Reading): Promise<TowerPass> {
    const key = `${tower}/${rows}/${tokens}/${reading}`;
    const known = this.passes.get(key);
    if (known !== undefined) return known;
    const { model, device } = this;
    const made = TowerPass.create({ model, device, tower, reading, source, tokens, rows }, 'embeddings', 'features');
    this.passes.set(key, made);
    made.catch(() => this.passes.delete(key));
    return made;
  }
}
