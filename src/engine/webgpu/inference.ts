import { type Inference, type InputData } from '../executor';
import type { Graph } from '../graph/ir';
import { elementCount, type Value, type ValueId } from '../graph/value';
import { nodeInputs } from '../ops';
import { loweringOf } from '../ops/webgpu';
import { bufferUsage } from './constants';
import type { ExecutorContext } from './context';
import { InputBuffers } from './inputs';
import { Lowering } from './lowering';
import { aligned, withBuffers, type BufferGroup } from './memory';
import { PlanBuilder, type Plan, type Slice } from './plan';
import { mapForReading } from './readback';
import type { WebGpuParameterStore } from './store';

/**
 * Forward passes on WebGPU. Buffers, pipelines and dispatches are made once; a run uploads its inputs, issues the dispatches and reads the
 * outputs. Runs of one pass follow each other, as they share its buffers.
 */

interface Output {
  readonly name: string;
  readonly source: Slice;
  /** Byte offset in the staging buffer. */
  readonly offset: number;
  readonly count: number;
}

/** Values that some node or output reads. */
export function usedValues(graph: Graph): readonly Value[] {
  const used = new Set<ValueId>([...Object.values(graph.outputs), ...graph.nodes.flatMap((node) => nodeInputs(node))]);
  return graph.values.filter(({ id }) => used.has(id));
}

/** A forward pass as recorded dispatches. */
export class WebGpuInference implements Inference {
  private running: Promise<unknown> = Promise.resolve();

  private constructor(
    private readonly context: ExecutorContext,
    private readonly group: BufferGroup,
    private readonly plan: Plan,
    private readonly inputs: InputBuffers,
    private readonly outputs: readonly Output[],
    private readonly staging: GPUBuffer,
  ) {}

  static async create(context: ExecutorContext, graph: Graph, store: WebGpuParameterStore): Promise<WebGpuInference> {
    const { device, memory, cache, choice } = context;
    return withBuffers(memory, async (group) => {
      const builder = new PlanBuilder();
      const inputs = await InputBuffers.create(usedValues(graph), device, group);
      const bound = new Map(inputs.slices());
      for (const spec of graph.parameters) bound.set(spec.value, store.locate(spec).slice);
      const lowering = new Lowering(builder, graph, choice, null, bound);
      for (const node of graph.nodes) loweringOf(node).forward(lowering, node, false);
      for (const id of Object.values(graph.outputs)) builder.touch(lowering.operand(id));
      const plan = await builder.compile('evaluation', device, group, cache);
      let end = 0;
      const outputs = Object.entries(graph.outputs).map(([name, id]): Output => {
        const operand = lowering.operand(id);
        const count = elementCount(lowering.shape(id));
        const offset = end;
        end += aligned(4 * count);
        return { name, source: operand.kind === 'slice' ? operand : plan.locate(operand), offset, count };
      });
      const staging = await group.scoped('evaluation results', () =>
        group.buffer('other', 'evaluation results', end, bufferUsage.mapRead | bufferUsage.copyDestination),
      );
      return new WebGpuInference(context, group, plan, inputs, outputs, staging);
    });
  }

  run(inputs: InputData): Promise<Record<string, Float32Array>> {
    // One staging buffer: a run waits for the one before it, whether that succeeded or not.
    const result = this.running.then(
      () => this.runNow(inputs),
      () => this.runNow(inputs),
    );
    this.running = result.catch(() => undefined);
    return result;
  }

  dispose(): void {
    this.group.dispose();
  }

  private async runNow(inputs: InputData): Promise<Record<string, Float32Array>> {
    const { submitter } = this.context;
    const { dispatches } = this.plan;
    this.throwFailure();
    this.inputs.upload(inputs);
    submitter.issue(dispatches, 0, dispatches.length, undefined, (encoder) => {
      for (const { source, offset, count } of this.outputs) {
        encoder.copyBufferToBuffer(source.buffer, source.offset, this.staging, offset, 4 * count);
      }
    });
    await mapForReading(this.staging);
    const mapped = this.staging.getMappedRange();
    const results = this.outputs.map(
      ({ name, offset, count }) => [name, new Float32Array(mapped, offset, count).slice()] as const,
    );
    this.staging.unmap();
    this.throwFailure();
    return Object.fromEntries(results);
  }

  private throwFailure(): void {
    const failure = this.context.failure();
    if (failure !== null) throw failure;
  }
}
