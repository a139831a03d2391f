import * as tf from '@tensorflow/tfjs-core';
import type { EngineDevice } from '../src/engine/device';
import { dispatchSizes, type Kernel } from '../src/engine/kernels/kernel';
import type { Report } from './harness';
import { kernelCases } from './kernel-cases/all';
import type { BindingContents, KernelCase } from '../src/engine/ops/bench-case';
import type { KernelFigure, KernelOptions, KernelResult } from './kernels-report';
import { benchModels } from './models';
import { startStockWebGpu } from './stock/backends';

/** Times each kernel of a training step in each variant, and the stock kernels beside. */
export async function benchmarkKernels(
  engine: EngineDevice,
  options: KernelOptions,
  report: Report,
): Promise<KernelResult> {
  const cases = kernelCases(engine, benchModels[options.model], options.batch).filter(({ kernel, shape }) =>
    `${kernel} ${shape}`.includes(options.only),
  );
  if (options.stock) await startStockWebGpu(engine);
  const figures: KernelFigure[] = [];
  for (const kernelCase of cases) {
    const { kernel, shape, flops, bytes, variants, stock } = kernelCase;
    const time = async (variant: string, run: () => Promise<number>): Promise<void> => {
      const ms = await accepted(engine.device, `${kernel} ${shape}, ${variant},`, run);
      const [gflops, gbytes] = [flops / ms / 1e6, bytes / ms / 1e6];
      figures.push({ kernel, shape, variant, ms, gflops, gbytes });
      report(`${kernel} ${shape}, ${variant}: ${ms.toPrecision(3)} ms, ${gbytes.toPrecision(3)} GB/s`);
    };
    for (const { name, kernels } of variants) {
      await time(name, () => timeKernels(engine.device, kernels, kernelCase));
    }
    if (options.stock && stock !== null) await time('TensorFlow.js', () => timeStock(engine.device, stock));
  }
  return { adapter: engine.adapter.name, figures };
}

/** Each timed run lasts about this long, in milliseconds. */
const runTime = 100;
const runs = 5;

/** Milliseconds of one pass over the kernels, the shortest of several runs. Each kernel gets buffers of its own. */
async function timeKernels(
  device: GPUDevice,
  kernels: readonly Kernel[],
  { contents = {}, cleared = [] }: KernelCase,
): Promise<number> {
  const recorded = await Promise.all(kernels.map((kernel) => record(device, kernel, contents)));
  const zeroed = recorded.flatMap(({ buffers }) => cleared.flatMap((name) => buffers.get(name) ?? []));
  const time = await shortest(async (repeats) => {
    const encoder = device.createCommandEncoder();
    let pass: GPUComputePassEncoder | null = null;
    for (let i = 0; i < repeats; i++) {
      if (zeroed.length > 0) {
        pass?.end();
        pass = null;
        for (const buffer of zeroed) encoder.clearBuffer(buffer);
      }
      pass ??= encoder.beginComputePass();
      for (const { pipeline, group, kernel } of recorded) {
        pass.setPipeline(pipeline);
        pass.setBindGroup(0, group);
        for (const size of dispatchSizes(kernel)) pass.dispatchWorkgroups(...size);
      }
    }
    pass?.end();
    const start = performance.now();
    device.queue.submit([encoder.finish()]);
    await device.queue.onSubmittedWorkDone();
    return (performance.now() - start) / repeats;
  });
  for (const { buffers } of recorded) for (const buffer of buffers.values()) buffer.destroy();
  return time;
}

/**
 * Runs what is timed, on the device, to its end.
 * @throws where the device rejects any of it: that would have taken no time
 */
async function accepted<T>(device: GPUDevice, what: string, run: () => Promise<T>): Promise<T> {
  device.pushErrorScope('out-of-memory');
  device.pushErrorScope('validation');
  const result = await run();
  const errors = [await device.popErrorScope(), await device.popErrorScope()];
  const error = errors.find((found) => found !== null);
  if (error !== undefined) throw new Error(`${what} was rejected: ${error.message}`);
  return result;
}

async function shortest(run: (repeats: number) => Promise<number>): Promise<number> {
  await run(1);
  const repeats = Math.max(1, Math.min(200, Math.round(runTime / (await run(1)))));
  const times: number[] = [];
  for (let i = 0; i < runs; i++) times.push(await run(repeats));
  return Math.min(...times);
}

interface RecordedKernel {
  readonly kernel: Kernel;
  readonly pipeline: GPUComputePipeline;
  readonly group: GPUBindGroup;
  readonly buffers: ReadonlyMap<string, GPUBuffer>;
}

async function record(
  device: GPUDevice,
  kernel: Kernel,
  contents: NonNullable<KernelCase['contents']>,
): Promise<RecordedKernel> {
  const module = device.createShaderModule({ code: kernel.code });
  const pipeline = await device.createComputePipelineAsync({ layout: 'auto', compute: { module, entryPoint: 'main' } });
  const buffers = new Map(
    bindingsOf(kernel, contents).map(({ name, uniform, half, held }) => {
      const kind = uniform ? GPUBufferUsage.UNIFORM : GPUBufferUsage.STORAGE;
      const size = typeof held === 'number' ? 4 * held : held.byteLength;
      const buffer = device.createBuffer({ size, usage: kind | GPUBufferUsage.COPY_DST });
      if (typeof held === 'number') fill(device, buffer, half);
      else device.queue.writeBuffer(buffer, 0, held);
      return [name, buffer];
    }),
  );
  const entries = [...buffers.values()].map((buffer, binding) => ({ binding, resource: { buffer } }));
  const group = device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
  return { kernel, pipeline, group, buffers };
}

const filler = Float32Array.from({ length: 2 ** 18 }, (_, i) => ((i * 7919) % 2003) / 2003);
/** Bits of f16 from 0.5 to 1. */
const halfFiller = Uint16Array.from({ length: 2 ** 19 }, (_, i) => 0x3800 | ((i * 7919) % 1021));

/** Fills a buffer with numbers from 0 to 1. */
function fill(device: GPUDevice, buffer: GPUBuffer, half: boolean): void {
  const { buffer: bytes, byteLength } = half ? halfFiller : filler;
  for (let offset = 0; offset < buffer.size; offset += byteLength) {
    device.queue.writeBuffer(buffer, offset, bytes, 0, Math.min(byteLength, buffer.size - offset));
  }
}

const elementWords: Readonly<Record<string, number>> = { vec4: 4, vec2: 2 };

/** The bindings of a kernel as it declares them, in order. */
function bindingsOf(
  { code, bytes }: Kernel,
  contents: NonNullable<KernelCase['contents']>,
): { readonly name: string; readonly uniform: boolean; readonly half: boolean; readonly held: BindingContents }[] {
  const declarations = code.matchAll(
    /var<(storage|uniform)[^>]*> (\w+): (?:Scalars|array<(?:(vec[24])<)?(\w+)>?(?:, (\d+))?>);/g,
  );
  return [...declarations].map(([, space, name = '', vector = '', element, count]) => ({
    name,
    uniform: space === 'uniform',
    half: element === 'f16',
    held:
      contents[name] ?? (count === undefined ? Math.ceil(bytes / 16) * 4 : Number(count) * (elementWords[vector] ?? 1)),
  }));
}

/** Milliseconds of one run with TensorFlow.js, the shortest of several. */
async function timeStock(device: GPUDevice, prepare: () => () => tf.Tensor | tf.Tensor[]): Promise<number> {
  tf.engine().startScope();
  const run = prepare();
  const time = await shortest(async (repeats) => {
    const start = performance.now();
    let result = tf.tidy(run);
    for (let i = 1; i < repeats; i++) {
      tf.dispose(result);
      result = tf.tidy(run);
    }
    await (Array.isArray(result) ? result[0] : result)?.data();
    await device.queue.onSubmittedWorkDone();
    const elapsed = (performance.now() - start) / repeats;
    tf.dispose(result);
    return elapsed;
  });
  tf.engine().endScope();
  tf.disposeVariables();
  return time;
}
