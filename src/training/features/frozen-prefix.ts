import type { InputData } from '../../engine/executor';
import { hiddenInput, type Stage } from '../../model/families/family';
import type { FeatureCache, KeptRows } from '../../storage/feature-cache/feature-cache';
import { contentKeys, frozenKey } from './frozen-key';
import type { LastingSource, SampleSource } from './samples';
import { stageWidth, TowerPass, type TowerRunOptions } from './tower';

/**
 * Spares a run the frozen layers: `[samples, width]` of what enters the first trained one, in float32. A value is the same whether it was just
 * computed or comes from memory or disk.
 */

export interface FrozenPrefixOptions extends TowerRunOptions {
  readonly source: LastingSource;
  /** The samples that will be asked for. */
  readonly samples: readonly number[];
  /** Bytes of memory for their outputs; where they need more, they are read from disk each time. */
  readonly budget: number;
  /** Keeps outputs from run to run; null where nothing does. */
  readonly cache: FeatureCache | null;
}

/**
 * The frozen beginning of a tower: gives what enters stage `to`, computed once per sample and kept, in memory if it fits and on disk if there is
 * one. Since it is frozen, the values hold for as long as samples and weights do, and a later run may find them on disk.
 */
export class FrozenPrefix implements SampleSource {
  /** Rows in memory, by sample. */
  private readonly held: (Float32Array | undefined)[] = [];
  private readonly known = new Set<number>();
  /** Samples whose outputs will be asked for. */
  readonly total: number;
  private readonly width: number;
  private readonly hiddenName: string;
  /** What lies above reads nothing of the samples but what is kept here. */
  private readonly complete: boolean;

  private constructor(
    private readonly options: FrozenPrefixOptions,
    private readonly pass: TowerPass,
    to: Stage,
    private readonly inMemory: boolean,
    private readonly kept: KeptRows | null,
    private readonly contents: readonly string[],
  ) {
    this.total = new Set(options.samples).size;
    const { model, tower, tokens, reading } = options;
    const [rows] = model.architecture.stageShape(tower, to, { batch: 1, tokens, reading });
    this.width = stageWidth(options, to);
    this.hiddenName = hiddenInput(tower);
    this.complete = tower === 'vision' || rows === 1;
  }

  /** @returns null where neither memory nor disk have room for the outputs */
  static async create(options: FrozenPrefixOptions, to: Stage): Promise<FrozenPrefix | null> {
    const { source, samples, budget, cache } = options;
    const width = stageWidth(options, to);
    const bytes = 4 * samples.length * width;
    const disk = samples.length === 0 ? null : cache;
    const contents = disk === null ? [] : await contentKeys(source, samples);
    const kept = (await disk?.open(await frozenKey(options, to), width, Object.values(contents))) ?? null;
    if (bytes > budget && kept === null) return null;
    try {
      const pass = await TowerPass.create(options, 'embeddings', to);
      return new FrozenPrefix(options, pass, to, bytes <= budget, kept, contents);
    } catch (error) {
      kept?.close();
      throw error;
    }
  }

  /** Bytes of memory that the outputs of all samples take. */
  get bytes(): number {
    return this.inMemory ? 4 * this.options.samples.length * this.width : 0;
  }

  /** Where the outputs are found again. */
  get place(): 'memory' | 'disk' {
    return this.inMemory ? 'memory' : 'disk';
  }

  /** Samples whose outputs were asked for so far. */
  get done(): number {
    return this.known.size;
  }

  get count(): number {
    return this.options.source.count;
  }

  async inputs(samples: readonly number[], rows: number): Promise<InputData> {
    const hidden = new Float32Array(rows * this.width);
    if (!this.copyHeld(samples, hidden)) await this.fill(samples, hidden);
    // Above all tokens of a caption it may still have to be known which one is pooled.
    const rest = this.complete ? {} : await this.options.source.inputs(samples, rows);
    return { ...rest, [this.hiddenName]: hidden };
  }

  dispose(): void {
    // The file first: whatever becomes of the device, the next run may use it.
    this.kept?.close();
    this.pass.dispose();
  }

  /** Copies rows from memory; false as soon as one is not there. */
  private copyHeld(samples: readonly number[], hidden: Float32Array): boolean {
    for (let row = 0; row < samples.length; row++) {
      const values = this.held[samples[row]!];
      if (values === undefined) return false;
      hidden.set(values, row * this.width);
    }
    return true;
  }

  private async fill(samples: readonly number[], hidden: Float32Array): Promise<void> {
    const rowOf = (row: number): Float32Array => hidden.subarray(row * this.width, (row + 1) * this.width);
    const found = await Promise.all(samples.map((sample, row) => this.load(sample, rowOf(row))));
    const missing = [...new Set(samples.filter((_, row) => found[row] === false))];
    for (const sample of samples) this.known.add(sample);
    if (missing.length === 0) return;
    const computed = await this.pass.run(missing);
    const place = new Map(missing.map((sample, index) => [sample, index * this.width]));
    await this.keep(missing, computed);
    samples.forEach((sample, row) => {
      const from = place.get(sample);
      if (from !== undefined) rowOf(row).set(computed.subarray(from, from + this.width));
    });
  }

  /** Gets a row from memory or disk; false when it has to be computed. */
  private async load(sample: number, target: Float32Array): Promise<boolean> {
    const values = this.held[sample];
    if (values !== undefined) {
      target.set(values);
      return true;
    }
    if (this.kept === null || !(await this.kept.read(this.contents[sample] ?? '', target))) return false;
    if (this.inMemory) this.held[sample] = target.slice();
    return true;
  }

  private async keep(samples: readonly number[], rows: Float32Array): Promise<void> {
    if (this.inMemory) {
      samples.forEach((sample, row) => {
        this.held[sample] = rows.slice(row * this.width, (row + 1) * this.width);
      });
    }
    const contents = samples.flatMap((sample) => this.contents[sample] ?? []);
    // Without a disk there are no contents, and samples that were not announced have none either.
    if (contents.length === samples.length) await this.kept?.write(contents, rows);
  }
}
