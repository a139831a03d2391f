import { EngineError, type Inference, type InputData } from '../../../engine/executor';
import { hiddenInput, type Architecture } from '../../../model/families/family';
import { graphInputs, pickInputs, type Device } from '../../features/tower';
import { presenceInputs, type Presence } from './presence';
import { logitsOutput, readOutput, supervisedGraph } from './tower-graph';
import type { HeadShape } from './shape';

/** What towers give of some samples, `[samples, …]`; null for what a head does not read. */
export interface Readings {
  readonly picture: Float32Array | null;
  readonly words: Float32Array | null;
}

/** What comes out of a head. */
export interface HeadOutputs {
  /** `[samples, outputs]`. */
  readonly logits: Float32Array;
  /** What its last layer reads, `[samples, width]`. */
  readonly read: Float32Array;
}

/** A head alone, compiled for a number of rows and run over what towers gave. Its tensors are on the device. */
export class HeadPass {
  private constructor(
    private readonly device: Device,
    private readonly inference: Inference,
    private readonly names: ReadonlySet<string>,
    private readonly rows: number,
  ) {}

  /** @param tokens of words, as the text tower is given them */
  static async create(
    device: Device,
    architecture: Architecture,
    shape: HeadShape,
    { rows, tokens }: { readonly rows: number; readonly tokens: number },
  ): Promise<HeadPass> {
    const graph = supervisedGraph(architecture, shape, {
      batch: rows,
      tokens,
      from: { vision: 'features', text: 'features' },
      loss: null,
    });
    const inference = await device.lock.run(() => device.executor.compile(graph, device.store));
    return new HeadPass(device, inference, graphInputs(graph), rows);
  }

  /** @throws EngineError `not-finite` when the head gives NaN or infinity */
  async run({ picture, words }: Readings, presence: readonly Presence[]): Promise<HeadOutputs> {
    const { rows, device, inference, names } = this;
    const samples = presence.length;
    const logits: Float32Array[] = [];
    const read: Float32Array[] = [];
    for (let from = 0; from < samples; from += rows) {
      const count = Math.min(rows, samples - from);
      const part = (values: Float32Array | null): Float32Array => {
        if (values === null) return new Float32Array();
        const width = values.length / samples;
        const filled = new Float32Array(rows * width);
        filled.set(values.subarray(from * width, (from + count) * width));
        return filled;
      };
      const data: InputData = {
        [hiddenInput('vision')]: part(picture),
        [hiddenInput('text')]: part(words),
        ...presenceInputs(presence.slice(from, from + count), rows),
      };
      const output = await device.lock.run(() => inference.run(pickInputs(names, data)));
      const own = (name: string): Float32Array => {
        const values = output[name] ?? new Float32Array();
        return values.slice(0, (count * values.length) / rows);
      };
      logits.push(own(logitsOutput));
      read.push(own(readOutput));
    }
    const joined = join(logits);
    if (!joined.every(Number.isFinite)) {
      throw new EngineError(
        'not-finite',
        'The head gave numbers that are not finite. The weights may be damaged, or a kernel failed on this adapter.',
      );
    }
    return { logits: joined, read: join(read) };
  }

  dispose(): void {
    this.inference.dispose();
  }
}

/** Arrays one behind the other. */
export function join(parts: readonly Float32Array[]): Float32Array {
  const result = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    result.set(part, at);
    at += part.length;
  }
  return result;
}
