import { acquireDevice } from '../src/engine/device';
import type { Executor } from '../src/engine/executor';
import { createTfjsExecutor } from '../src/engine/tfjs/executor';
import { wasmFiles } from '../src/engine/tfjs/wasm-files';
import { createWebGpuExecutor, type WebGpuExecutorOptions } from '../src/engine/webgpu/executor';
import { benchmarkDecode } from './decode';
import type { DecodeOptions } from './decode-options';
import { benchmarkEpochs } from './epoch';
import type { EpochOptions } from './epoch-options';
import { benchmarkKernels } from './kernels';
import type { KernelOptions } from './kernels-report';
import { measureParity } from './parity';
import { benchmarkRanks } from './rank';
import type { RankOptions } from './rank-options';
import { benchmarkStep } from './step';
import type { StepBackend, StepOptions } from './step-options';
import { startStockWasm, startStockWebGpu } from './stock/backends';

/** Set by `bench/chromium.ts`. */
declare const cpuTime: () => Promise<number | null>;
declare const threadTime: () => Promise<number | null>;

const report = (line: string): void => console.log(line);

/** Reads a file of this machine through the development server. */
async function readLocal(path: string): Promise<Uint8Array> {
  const response = await fetch(`/@fs${path}`);
  if (!response.ok) throw new Error(`${path} cannot be read: ${response.statusText}.`);
  return new Uint8Array(await response.arrayBuffer());
}

async function executorOf(backend: StepBackend, options: WebGpuExecutorOptions = {}): Promise<Executor> {
  return backend === 'wasm'
    ? createTfjsExecutor('tfjs-wasm', { wasmPaths: wasmFiles })
    : createWebGpuExecutor(await acquireDevice(), options);
}

/** What `bench/chromium.ts` calls. */
const benchmarks = {
  parity: async (folder: string) =>
    measureParity(await createWebGpuExecutor(await acquireDevice()), (path) => readLocal(`${folder}/${path}`), report),
  kernels: async (options: KernelOptions) => benchmarkKernels(await acquireDevice(), options, report),
  epoch: async (options: EpochOptions) => benchmarkEpochs(await executorOf(options.backend), options, cpuTime, report),
  decode: async (options: DecodeOptions) =>
    benchmarkDecode(await executorOf(options.backend, { selfTest: false }), options, cpuTime, report),
  rank: async (options: RankOptions) => benchmarkRanks(await executorOf(options.backend), options, report),
  step: (options: StepOptions) =>
    benchmarkStep(
      options,
      {
        executor: () => executorOf(options.backend),
        startStock: async () =>
          options.backend === 'wasm' ? startStockWasm(wasmFiles) : startStockWebGpu(await acquireDevice()),
        cpuTime,
        threadTime,
      },
      report,
    ),
};

Object.assign(globalThis, { benchmarks });
