import * as tf from '@tensorflow/tfjs-core';
import type { EngineDevice } from '../src/engine/device';
import { attentionBackward, attentionForward } from '../src/engine/kernels/attention';
import {
  attentionVariantName,
  type AttentionShape,
  type AttentionVariant,
} from '../src/engine/kernels/attention-problem';
import type { Kernel } from '../src/engine/kernels/kernel';
import { layerNormBackwardInput, layerNormForward } from '../src/engine/kernels/layer-norm';
import type { LinearShape } from '../src/engine/kernels/linear';
import { variantName } from '../src/engine/kernels/matmul-problem';
import { adapterClass, matmulCandidates, taskKernel } from '../src/engine/tuner';
import type { LinearPass } from '../src/engine/webgpu/lowering';
import type { ClipConfig } from '../src/model/clip/config';
import { imageTokenCount } from '../src/model/clip/stages';
import type { Report } from './harness';
import type { KernelCase } from './kernel-case';
import type { KernelFigure, KernelOptions, KernelResult } from './kernels-report';
import { MODELS } from './models';
import { patchCases } from './patch-cases';
import { startStockWebGpu } from './stock/backends';

/** Times each kernel of a training step in each variant, and the stock kernels beside. */
export async function benchmarkKernels(
  engine: EngineDevice,
  options: KernelOptions,
  report: Report,
): Promise<KernelResult> {
  const cases = casesOf(engine, MODELS[options.model], options.batch).filter(({ kernel, shape }) =>
    `${kernel} ${shape}`.includes(options.only),
  );
  if (options.stock) await startStockWebGpu(engine);
  const figures: KernelFigure[] = [];
  for (const { kernel, shape, flops, bytes, variants, contents = {}, stock } of cases) {
    const add = (variant: string, ms: number): void => {
      figures.push({ kernel, shape, variant, ms, gflops: flops / ms / 1e6, gbytes: bytes / ms / 1e6 });
      report(`${kernel} ${shape}, ${variant}: ${(flops / ms / 1e6).toPrecision(3)} GFLOP/s`);
    };
    for (const { name, kernels } of variants) add(name, await timeKernels(engine.device, kernels, contents));
    if (options.stock && stock !== null) add('TensorFlow.js', await timeStock(engine.device, stock));
  }
  return { adapter: engine.adapter.name, figures };
}

function casesOf(engine: EngineDevice, config: ClipConfig, batch: number): KernelCase[] {
  const towers = [
    { ...config.vision, tokens: imageTokenCount(config), causal: false },
    { ...config.text, tokens: config.text.maxPositions, causal: true },
  ];
  const blocks = towers.flatMap(({ hiddenSize, intermediateSize, heads, tokens, causal }) => {
    const rows = batch * tokens;
    const layers: LinearShape[] = [
      { rows, inner: hiddenSize, columns: 3 * hiddenSize },
      { rows, inner: hiddenSize, columns: hiddenSize },
      { rows, inner: hiddenSize, columns: intermediateSize },
      { rows, inner: intermediateSize, columns: hiddenSize },
    ];
    const passes = ['forward', 'input', 'weight'] as const;
    return [
      ...layers.flatMap((shape) => passes.map((pass) => linearCase(engine, pass, shape))),
      ...attentionCases(engine, { batch, tokens, heads, headSize: hiddenSize / heads }, causal),
      ...layerNormCases(engine, rows, hiddenSize),
    ];
  });
  return [...patchCases(engine, config, batch), ...blocks];
}

const linearNames: Readonly<Record<LinearPass, string>> = {
  forward: 'linear',
  input: 'linear, input gradient',
  weight: 'linear, weight gradient',
};

function linearCase(engine: EngineDevice, pass: LinearPass, shape: LinearShape): KernelCase {
  const { rows, inner, columns } = shape;
  return {
    kernel: linearNames[pass],
    shape: `${rows}x${inner}x${columns}`,
    flops: 2 * rows * inner * columns,
    bytes: 4 * (rows * inner + columns * inner + rows * columns),
    variants: matmulCandidates(engine, pass, shape).map((variant) => ({
      name: variantName(variant),
      kernels: [taskKernel({ pass, shape }, variant)],
    })),
    stock: () => {
      const x = tf.randomUniform<tf.Rank.R2>([rows, inner]);
      const weight = tf.randomUniform<tf.Rank.R2>([columns, inner]);
      const dy = tf.randomUniform<tf.Rank.R2>([rows, columns]);
      const run = {
        forward: () => tf.matMul(x, weight, false, true),
        input: () => tf.matMul(dy, weight),
        weight: () => tf.matMul(dy, x, true),
      };
      return run[pass];
    },
  };
}

function attentionCases(engine: EngineDevice, shape: AttentionShape, causal: boolean): KernelCase[] {
  const { batch, tokens, heads, headSize } = shape;
  const variants: AttentionVariant[] = [
    ...(engine.features.subgroups && adapterClass(engine.adapter) === 'software'
      ? [{ kind: 'tile', worker: 'quad' } as const]
      : []),
    { kind: 'tile', worker: 'lane', lanes: adapterClass(engine.adapter) === 'software' ? 4 : 64 },
  ];
  const options = { causal, lengths: false, dropout: 0, salt: 0 };
  const named = (kernels: (variant: AttentionVariant) => readonly Kernel[]): KernelCase['variants'] =>
    variants.map((variant) => ({ name: attentionVariantName(variant), kernels: kernels(variant) }));
  const name = `${batch}x${tokens} tokens, ${heads}x${headSize}${causal ? ', causal' : ''}`;
  const product = 2 * batch * heads * tokens * tokens * headSize * (causal ? 0.5 : 1);
  const matrix = 4 * batch * tokens * heads * headSize;
  const attend = (query: tf.Tensor, key: tf.Tensor, value: tf.Tensor): tf.Tensor => {
    const scores = tf.mul(tf.matMul(query, key, false, true), headSize ** -0.5);
    const mask = causal ? tf.mul(tf.sub(1, tf.linalg.bandPart(tf.ones([tokens, tokens]), -1, 0)), -1e9) : null;
    return tf.matMul(tf.softmax(mask === null ? scores : tf.add(scores, mask)), value);
  };
  const parts = (): [tf.Tensor, tf.Tensor, tf.Tensor] => {
    const part = (): tf.Tensor => tf.randomUniform([batch, heads, tokens, headSize]);
    return [part(), part(), part()];
  };
  return [
    {
      kernel: 'attention',
      shape: name,
      flops: 2 * product,
      bytes: 4 * matrix,
      variants: named((variant) => [attentionForward(shape, { ...options, saveLogSumExp: true }, variant)]),
      stock: () => {
        const inputs = parts();
        return () => attend(...inputs);
      },
    },
    {
      kernel: 'attention, gradient',
      shape: name,
      flops: 5 * product,
      bytes: 8 * matrix,
      variants: named((variant) => attentionBackward(shape, options, variant)),
      // The tape needs the forward pass too, so its time is part of the stock figure.
      stock: () => {
        const inputs = parts();
        const gradient = tf.grads((query: tf.Tensor, key: tf.Tensor, value: tf.Tensor) =>
          tf.sum(attend(query, key, value)),
        );
        return () => gradient(inputs);
      },
    },
  ];
}

function layerNormCases(engine: EngineDevice, rows: number, columns: number): KernelCase[] {
  const target = { cooperative: adapterClass(engine.adapter) !== 'software' };
  const shape = `${rows}x${columns}`;
  const size = 4 * rows * columns;
  const norm = (x: tf.Tensor, weight: tf.Tensor, bias: tf.Tensor): tf.Tensor => {
    const centred = tf.sub(x, tf.mean(x, 1, true));
    const normal = tf.mul(centred, tf.rsqrt(tf.add(tf.mean(tf.square(centred), 1, true), 1e-5)));
    return tf.add(tf.mul(normal, weight), bias);
  };
  return [
    {
      kernel: 'layer norm',
      shape,
      flops: 8 * rows * columns,
      bytes: 2 * size,
      variants: [
        {
          name: 'default',
          kernels: [layerNormForward({ rows, columns }, { epsilon: 1e-5, saveStatistics: true, target })],
        },
      ],
      stock: () => {
        const inputs = [tf.randomUniform([rows, columns]), tf.ones([columns]), tf.zeros([columns])] as const;
        return () => norm(...inputs);
      },
    },
    {
      kernel: 'layer norm, input gradient',
      shape,
      flops: 14 * rows * columns,
      bytes: 3 * size,
      variants: [
        { name: 'default', kernels: [layerNormBackwardInput({ rows, columns }, { accumulate: false, target })] },
      ],
      stock: null,
    },
  ];
}

/** Each timed run lasts about this long, in milliseconds. */
const runTime = 100;
const runs = 5;

/** Milliseconds of one pass over the kernels, the shortest of several runs. Each kernel gets buffers of its own. */
async function timeKernels(
  device: GPUDevice,
  kernels: readonly Kernel[],
  contents: NonNullable<KernelCase['contents']>,
): Promise<number> {
  const recorded = await Promise.all(kernels.map((kernel) => record(device, kernel, contents)));
  const submit = async (repeats: number): Promise<number> => {
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    for (let i = 0; i < repeats; i++) {
      for (const { pipeline, group, kernel } of recorded) {
        pass.setPipeline(pipeline);
        pass.setBindGroup(0, group);
        pass.dispatchWorkgroups(...kernel.workgroups);
      }
    }
    pass.end();
    const start = performance.now();
    device.queue.submit([encoder.finish()]);
    await device.queue.onSubmittedWorkDone();
    return (performance.now() - start) / repeats;
  };
  const time = await shortest(submit);
  for (const { buffers } of recorded) for (const buffer of buffers) buffer.destroy();
  return time;
}

async function shortest(run: (repeats: number) => Promise<number>): Promise<number> {
  await run(1);
  const repeats = Math.max(1, Math.min(200, Math.round(runTime / (await run(1)))));
  const times: number[] = [];
  for (let i = 0; i < runs; i++) times.push(await run(repeats));
  return Math.min(...times);
}

async function record(
  device: GPUDevice,
  kernel: Kernel,
  contents: NonNullable<KernelCase['contents']>,
): Promise<{ kernel: Kernel; pipeline: GPUComputePipeline; group: GPUBindGroup; buffers: GPUBuffer[] }> {
  const module = device.createShaderModule({ code: kernel.code });
  const pipeline = await device.createComputePipelineAsync({ layout: 'auto', compute: { module, entryPoint: 'main' } });
  const buffers = bindingSizes(kernel).map(([name, size]) => {
    const buffer = device.createBuffer({ size, usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST });
    const values = contents[name] ?? Float32Array.from({ length: size / 4 }, (_, i) => ((i * 7919) % 2003) / 2003);
    device.queue.writeBuffer(buffer, 0, values);
    return buffer;
  });
  const entries = buffers.map((buffer, binding) => ({ binding, resource: { buffer } }));
  return {
    kernel,
    pipeline,
    buffers,
    group: device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }),
  };
}

const elementBytes: Readonly<Record<string, number>> = { 'vec4<f32>': 16, 'vec2<f32>': 8, f32: 4, i32: 4, u32: 4 };

/** Name and bytes of each binding as its declaration has them; arrays without a size get as much as the kernel moves in all. */
function bindingSizes({ code, bytes }: Kernel): (readonly [name: string, bytes: number])[] {
  const declarations = code.matchAll(/var<storage, \w+> (\w+): array<(vec[24]<f32>|f32|i32|u32)(?:, (\d+))?>/g);
  return [...declarations].map(([, name = '', type = 'f32', count]) => [
    name,
    count === undefined ? Math.ceil(bytes / 16) * 16 : Number(count) * (elementBytes[type] ?? 4),
  ]);
}

/** Milliseconds of one run with TensorFlow.js, the shortest of several. */
async function timeStock(device: GPUDevice, prepare: () => () => tf.Tensor | tf.Tensor[]): Promise<number> {
  tf.engine().startScope();
  const run = prepare();
  const time = await shortest(async (repeats) => {
    const start = performance.now();
    const results: (tf.Tensor | tf.Tensor[])[] = [];
    for (let i = 0; i < repeats; i++) results.push(tf.tidy(run));
    const last = results.at(-1);
    await (Array.isArray(last) ? last[0] : last)?.data();
    await device.queue.onSubmittedWorkDone();
    const elapsed = (performance.now() - start) / repeats;
    tf.dispose(results);
    return elapsed;
  });
  tf.engine().endScope();
  return time;
}
