import { acquireDevice } from '../src/engine/device';
import { createTfjsExecutor } from '../src/engine/tfjs/executor';
import { wasmFiles } from '../src/engine/tfjs/wasm-files';
import { createWebGpuExecutor } from '../src/engine/webgpu/executor';
import { benchmarkKernels } from './kernels';
import type { KernelOptions } from './kernels-report';
import { benchmarkStep } from './step';
import type { StepOptions } from './step-options';
import { startStockWasm, startStockWebGpu } from './stock/backends';

/** Set by `bench/chromium.ts`. */
declare const cpuTime: () => Promise<number | null>;

const report = (line: string): void => console.log(line);

/** What `bench/chromium.ts` calls. */
const benchmarks = {
  kernels: async (options: KernelOptions) => benchmarkKernels(await acquireDevice(), options, report),
  step: (options: StepOptions) =>
    benchmarkStep(
      options,
      options.backend === 'wasm'
        ? {
            executor: () => createTfjsExecutor('tfjs-wasm', { wasmPaths: wasmFiles }),
            startStock: () => startStockWasm(wasmFiles),
            cpuTime,
          }
        : {
            executor: async () => createWebGpuExecutor(await acquireDevice()),
            startStock: async () => startStockWebGpu(await acquireDevice()),
            cpuTime,
          },
      report,
    ),
};

Object.assign(globalThis, { benchmarks });
