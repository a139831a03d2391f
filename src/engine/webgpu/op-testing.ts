import { caseNode, type OpCase } from '../fixtures/load';
import { differentiate } from '../graph/differentiate';
import { GraphBuilder } from '../graph/builder';
import type { ValueId } from '../graph/value';
import { operationOf, type OperationName } from '../ops';
import { loweringOf } from '../ops/webgpu';
import { bufferUsage } from './constants';
import type { WebGpuExecutor } from './executor';
import { Gradients, layOutPools } from './gradient-pools';
import { InputBuffers } from './inputs';
import { BackwardLowering } from './lower-backward';
import { Lowering } from './lowering';
import { PlanBuilder, type Slice } from './plan';
import { readSlices } from './readback';
import type { WebGpuParameterStore } from './store';

/** Result of one operation and the gradients of its float inputs, by role. */
export interface OpResult {
  readonly y: Float32Array;
  readonly gradients: ReadonlyMap<string, Float32Array>;
}

/** Runs one fixture case as the trainer would: float inputs stand in for parameters, so that their gradients come out of the pools. */
export async function runOpCase(executor: WebGpuExecutor, op: OperationName, testCase: OpCase): Promise<OpResult> {
  const { context } = executor;
  const { device, memory, cache, choice } = context;
  const graphBuilder = new GraphBuilder();
  const ids = new Map<string, ValueId>();
  const tensors = new Map<string, Float32Array>();
  for (const [role, { shape, data }] of Object.entries(testCase.inputs)) {
    if (data instanceof Float32Array) {
      tensors.set(role, data);
      const state = role === operationOf({ op }).writes;
      ids.set(role, state ? graphBuilder.state(shape, role) : graphBuilder.parameter(shape, { name: role, shape }));
    } else {
      ids.set(role, graphBuilder.input(role, data instanceof Int32Array ? 'i32' : 'u8', shape));
    }
  }
  const y = graphBuilder.add(caseNode(op, testCase, (role) => ids.get(role) ?? null));
  const graph = graphBuilder.build({ y });
  const store = (await executor.createStore(graph.parameters, tensors)) as WebGpuParameterStore;
  const group = memory.group();
  const inputs = await InputBuffers.create(graph.values, device, group);
  inputs.upload(Object.fromEntries(Object.entries(testCase.inputs).map(([role, { data }]) => [role, data])));
  const bound = new Map(inputs.slices());
  for (const spec of graph.parameters) bound.set(spec.value, store.locate(spec).slice);
  const builder = new PlanBuilder();
  const lowering = new Lowering(builder, graph, choice, null, bound);
  const differentiable = testCase.dy !== null;
  for (const node of graph.nodes) loweringOf(node).forward(lowering, node, differentiable);
  const pools = layOutPools(graph.parameters.map((spec) => ({ spec, stored: store.locate(spec) })));
  const gradients = new Gradients(device, group, builder, pools, 1 << 20);
  if (testCase.dy !== null) {
    const program = differentiate(graph, y, new Set(graph.parameters.map(({ value }) => value)));
    const backward = new BackwardLowering(lowering, program, gradients);
    const usage = bufferUsage.storage | bufferUsage.copyDestination;
    const dy = group.buffer('other', 'dy', testCase.dy.data.byteLength, usage);
    device.queue.writeBuffer(dy, 0, testCase.dy.data);
    backward.seed(y, { kind: 'slice', buffer: dy, offset: 0, bytes: dy.size });
    for (const step of program.backward) loweringOf(step.node).backward(backward, step);
    gradients.flush();
  }
  const result = lowering.operand(y);
  builder.touch(result);
  const plan = await builder.compile(testCase.name, device, group, cache);
  context.submitter.issue(plan.dispatches, 0, plan.dispatches.length);
  const place = result.kind === 'slice' ? result : plan.locate(result);
  const [values = new Float32Array()] = await readSlices(device, memory, [
    { ...place, bytes: testCase.y.data.byteLength },
  ]);
  const found = new Map<string, Float32Array>();
  for (const { value, parts } of graph.parameters) {
    const slice: Slice = { ...gradients.parameter(value), bytes: 4 * (tensors.get(parts[0]?.name ?? '')?.length ?? 0) };
    const [gradient = new Float32Array()] = await readSlices(device, memory, [slice]);
    found.set(parts[0]?.name ?? '', gradient);
  }
  group.dispose();
  store.dispose();
  const failure = context.failure();
  if (failure !== null) throw failure;
  return { y: values, gradients: found };
}

/** Largest difference beyond 1e-6, relative to the largest expected magnitude: where the exact value is 0, float32 rounding is what is left. */
export function relativeError(actual: Float32Array, expected: Float32Array): number {
  if (actual.length !== expected.length) return Infinity;
  let scale = 1e-6;
  let worst = 0;
  expected.forEach((value, index) => {
    scale = Math.max(scale, Math.abs(value));
    const difference = Math.abs(value - (actual[index] ?? NaN));
    worst = Number.isNaN(difference) ? Infinity : Math.max(worst, difference);
  });
  return Math.max(0, worst - 1e-6) / scale;
}
