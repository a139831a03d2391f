import { EngineError, type Executor, type Inference, type InputData, type ParameterStore } from '../../engine/executor';
import type { Graph } from '../../engine/graph/ir';
import { elementCount } from '../../engine/graph/value';
import { nodeInputs } from '../../engine/ops';
import { towerOutput, towerGraph } from '../../model/architecture';
import { hiddenInput, type Reading, type Stage, type Tower } from '../../model/families/family';
import type { DeviceLock } from '../device-lock';
import type { ModelHandle } from '../model-handle';
import type { SampleSource } from './samples';

/** What runs a model: an executor with the parameters on it, and the lock that guards both. */
export interface Device {
  readonly executor: Executor;
  readonly store: ParameterStore;
  readonly lock: DeviceLock;
}

/** What computes scores: an executor, and the lock that guards it. */
export type RankDevice = Pick<Device, 'executor' | 'lock'>;

export interface TowerRunOptions {
  readonly model: ModelHandle;
  readonly device: Device;
  readonly tower: Tower;
  /** What is wanted of the tower; default: features. */
  readonly reading?: Reading | undefined;
  readonly source: SampleSource;
  /** Caption length; the vision tower ignores it. */
  readonly tokens: number;
  /** Rows of a compiled pass. */
  readonly rows: number;
}

/** The inputs that a graph reads, by name. */
export function graphInputs(graph: Graph): ReadonlySet<string> {
  const read = new Set([...graph.nodes.flatMap((node) => nodeInputs(node)), ...Object.values(graph.outputs)]);
  return new Set(graph.values.flatMap(({ id, kind, name }) => (kind === 'input' && read.has(id) ? [name] : [])));
}

/** The entries of `data` that a graph reads. */
export function pickInputs(names: ReadonlySet<string>, data: InputData): InputData {
  return Object.fromEntries(Object.entries(data).filter(([name]) => names.has(name)));
}

/** Elements per sample of what enters a stage above `embeddings`. */
export function stageWidth(
  { model, tower, tokens, reading }: Pick<TowerRunOptions, 'model' | 'tower' | 'tokens' | 'reading'>,
  stage: Stage,
): number {
  return elementCount(model.architecture.stageShape(tower, stage, { batch: 1, tokens, reading }));
}

/** One tower from a stage to another, compiled for a number of rows and run over any number of samples. */
export class TowerPass {
  private constructor(
    private readonly options: TowerRunOptions,
    private readonly inference: Inference | null,
    private readonly names: ReadonlySet<string>,
    private readonly width: number,
  ) {}

  /** From a stage to itself nothing is computed: what the source gives comes back. */
  static async create(options: TowerRunOptions, from: Stage, to: Stage): Promise<TowerPass> {
    const { model, device, tower, tokens, rows, reading } = options;
    const width = stageWidth(options, to);
    if (from === to) return new TowerPass(options, null, new Set(), width);
    const { normalization } = model;
    const graph = towerGraph(model.architecture, tower, {
      batch: rows,
      reading,
      tokens,
      normalization,
      squareSide: options.source.squareSide,
      from,
      to,
      attentionDropout: 0,
    });
    const inference = await device.lock.run(() => device.executor.compile(graph, device.store));
    return new TowerPass(options, inference, graphInputs(graph), width);
  }

  /**
   * @param between called after every pass with the number of samples done; awaiting it lets messages in, throwing in it ends the work
   * @param source where the samples are looked up, if not where the pass was made for
   * @returns f32 `[samples, width]`
   * @throws EngineError `not-finite` when the tower gives NaN or infinity
   */
  async run(
    samples: readonly number[],
    between?: (done: number) => Promise<void>,
    source: SampleSource = this.options.source,
  ): Promise<Float32Array> {
    const { device, rows, tower } = this.options;
    const result = new Float32Array(samples.length * this.width);
    const inputsFrom = (from: number): Promise<InputData> => {
      const inputs = source.inputs(samples.slice(from, from + rows), rows);
      // Awaited in the next round; until then a failure must not count as unhandled.
      inputs.catch(() => undefined);
      return inputs;
    };
    let next = inputsFrom(0);
    for (let from = 0; from < samples.length; from += rows) {
      const chunk = samples.slice(from, from + rows);
      const data = await next;
      // Pictures of the next pass are decoded while this one runs.
      if (from + rows < samples.length) next = inputsFrom(from + rows);
      const output = await this.compute(data, device);
      const values = output.subarray(0, chunk.length * this.width);
      if (!values.every(Number.isFinite)) {
        throw new EngineError(
          'not-finite',
          `The ${tower} tower gave numbers that are not finite. The weights may be damaged, or a kernel failed on this adapter.`,
        );
      }
      result.set(values, from * this.width);
      await between?.(from + chunk.length);
    }
    return result;
  }

  dispose(): void {
    this.inference?.dispose();
  }

  private async compute(data: InputData, device: Device): Promise<Float32Array> {
    const { inference } = this;
    if (inference === null) {
      return data[hiddenInput(this.options.tower)] as Float32Array;
    }
    const output = await device.lock.run(() => inference.run(pickInputs(this.names, data)));
    return output[towerOutput] ?? new Float32Array();
  }
}
