import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { acquireDevice } from '../src/engine/device';
import type { Executor, Precision } from '../src/engine/executor';
import { createTfjsExecutor } from '../src/engine/tfjs/executor';
import { createWebGpuExecutor } from '../src/engine/webgpu/executor';
import { blipModels, type BlipModelName } from './blip-models';
import { benchmarkCheckpoints, checkpointSubjects, checkpointTable, type CheckpointSubject } from './checkpoints';
import { inChromium } from './chromium';
import { cpuTime, threadTime } from './cpu-time';
import { benchmarkDecode } from './decode';
import type { DecodeOptions, DecodeResult } from './decode-options';
import { benchmarkEpochs } from './epoch';
import type { EpochOptions, EpochResult } from './epoch-options';
import { benchmarkEstimates, estimateSubjects, estimateTable, type EstimateSubject } from './estimate';
import { benchmarkExport } from './export';
import { benchmarkKernels } from './kernels';
import { kernelTable, type KernelOptions, type KernelResult } from './kernels-report';
import { benchModels, type ModelName } from './models';
import { nodeGpu } from './node-device';
import { benchmarkLong } from './long';
import { measureParity, type ParityResult } from './parity';
import { benchmarkRanks } from './rank';
import type { RankOptions, RankResult } from './rank-options';
import { benchmarkStep } from './step';
import {
  stepTasks,
  type StepBackend,
  type StepOptions,
  type StepResult,
  type StepTask,
  type TrainMode,
} from './step-options';
import { startStockWasm, startStockWebGpu } from './stock/backends';

/**
 * The command line of the benchmarks: `usage` says what there is. Figures go to standard output and progress to standard error, so that `--json`
 * can be piped. It ends with 1 where an argument is wrong or a benchmark fails.
 */

const usage = `usage: npm run bench -- kernels [--where node|chromium] [--model small|b32|b16|l14-336] [--batch N] [--only TEXT] [--no-stock] [--json]
       npm run bench -- step [--task contrastive|classification|regression|captioning|answering] [--where chromium|node]
                             [--model small|b32|b16|l14-336 (the last two tasks: small|b16, with --train full)]
                             [--batch N] [--train full|last2|projections]
                             [--backend webgpu|wasm (in Node on one thread)] [--precision float32|mixed] [--steps N] [--no-stock] [--json]
       npm run bench -- epoch [--where chromium|node] [--model small|b32|b16|l14-336] [--batch N] [--pairs N]
                             [--backend webgpu|wasm] [--json]
       npm run bench -- rank [--where chromium|node] [--pairs N] [--width N] [--backend webgpu|wasm] [--json]
       npm run bench -- decode [--where chromium|node] [--model small|base|base-384] [--batch PICTURES] [--beams N] [--tokens N]
                             [--backend webgpu|wasm (in Node on one thread)] [--runs N] [--json]
       npm run bench -- export [--format huggingface] [--blocks N] [--precision float32|float16] [--json]
       npm run bench -- long [--steps N] [--threads N] [--json]
       npm run bench -- estimate [--only heads|blocks|whole|captions] [--backend webgpu|wasm] [--runs N] [--json]
       npm run bench -- checkpoints [--only blocks|whole] [--backend webgpu|wasm] [--seconds N] [--json]
       npm run bench -- parity --folder FOLDER [--where chromium|node] [--json]
                             (FOLDER as \`python reference/large_clip.py FOLDER\` writes it)`;

class UsageError extends Error {}

function oneOf<T extends string>(name: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((choice) => choice === value);
  if (found === undefined) throw new UsageError(`--${name} is ${allowed.join(' or ')}, not ${value}`);
  return found;
}

/** The backend of that name, as the studio calls it. */
function studioBackend(name: string): 'webgpu' | 'tfjs-wasm' {
  return oneOf<StepBackend>('backend', name, ['webgpu', 'wasm']) === 'wasm' ? 'tfjs-wasm' : 'webgpu';
}

function count(name: string, value: string): number {
  const parsed = Number(value);
  if (!Number.isInteger(parsed) || parsed < 1)
    throw new UsageError(`--${name} is a whole number above zero, not ${value}`);
  return parsed;
}

const report = (line: string): void => console.error(line);

const wasmPaths = 'node_modules/@tensorflow/tfjs-backend-wasm/dist/';

/** Vernier on WebAssembly in Node, on one thread. */
function serialWasm(): Promise<Executor> {
  return createTfjsExecutor('tfjs-wasm', { wasmPaths, wasmThreads: 1 });
}

async function kernels(where: string, options: KernelOptions): Promise<KernelResult> {
  if (where === 'chromium') return inChromium('kernels', options, report);
  return benchmarkKernels(await acquireDevice({ gpu: nodeGpu() }), options, report);
}

async function step(where: string, options: StepOptions): Promise<StepResult> {
  if (where === 'chromium') return inChromium('step', options, report);
  const times = {
    cpuTime: () => Promise.resolve(cpuTime(process.pid)),
    threadTime: () => Promise.resolve(threadTime()),
  };
  if (options.backend === 'wasm') {
    const environment = { executor: serialWasm, startStock: () => startStockWasm(wasmPaths), ...times };
    return benchmarkStep(options, environment, report);
  }
  const gpu = nodeGpu();
  const environment = {
    executor: async () => createWebGpuExecutor(await acquireDevice({ gpu })),
    startStock: async () => startStockWebGpu(await acquireDevice({ gpu })),
    ...times,
  };
  return benchmarkStep(options, environment, report);
}

async function epoch(where: string, options: EpochOptions): Promise<EpochResult> {
  if (where === 'chromium') return inChromium('epoch', options, report);
  if (options.backend === 'wasm') throw new UsageError('--backend wasm runs in Chromium only');
  const executor = await createWebGpuExecutor(await acquireDevice({ gpu: nodeGpu() }));
  return benchmarkEpochs(executor, options, () => Promise.resolve(cpuTime(process.pid)), report);
}

async function rank(where: string, options: RankOptions): Promise<RankResult> {
  if (where === 'chromium') return inChromium('rank', options, report);
  if (options.backend === 'wasm') throw new UsageError('--backend wasm runs in Chromium only');
  return benchmarkRanks(await createWebGpuExecutor(await acquireDevice({ gpu: nodeGpu() })), options, report);
}

async function decode(where: string, options: DecodeOptions): Promise<DecodeResult> {
  if (where === 'chromium') return inChromium('decode', options, report);
  if (options.backend === 'webgpu') {
    // The self-test runs out of time on a slow adapter, and then leaves the usual kernels.
    const executor = await createWebGpuExecutor(await acquireDevice({ gpu: nodeGpu() }), { selfTest: false });
    return benchmarkDecode(executor, options, () => Promise.resolve(cpuTime(process.pid)), report);
  }
  // One thread, whose CPU time is all there is.
  return benchmarkDecode(await serialWasm(), options, () => Promise.resolve(threadTime()), report);
}

async function parity(where: string, folder: string): Promise<ParityResult> {
  if (folder === '') throw new UsageError('--folder is the folder that reference/large_clip.py wrote');
  if (where === 'chromium') return inChromium('parity', resolve(folder), report);
  const executor = await createWebGpuExecutor(await acquireDevice({ gpu: nodeGpu() }));
  return measureParity(executor, (path) => readFile(join(folder, path)), report);
}

async function main(): Promise<void> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      where: { type: 'string', default: 'chromium' },
      model: { type: 'string', default: 'small' },
      batch: { type: 'string', default: '16' },
      task: { type: 'string', default: 'contrastive' },
      train: { type: 'string', default: 'full' },
      backend: { type: 'string', default: 'webgpu' },
      precision: { type: 'string', default: 'float32' },
      steps: { type: 'string' },
      pairs: { type: 'string', default: '64' },
      threads: { type: 'string', default: '1' },
      width: { type: 'string', default: '512' },
      beams: { type: 'string', default: '1' },
      tokens: { type: 'string', default: '20' },
      runs: { type: 'string', default: '4' },
      seconds: { type: 'string', default: '120' },
      only: { type: 'string', default: '' },
      folder: { type: 'string', default: '' },
      format: { type: 'string', default: 'huggingface' },
      blocks: { type: 'string', default: '7' },
      'no-stock': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  });
  const where = oneOf('where', values.where, ['chromium', 'node']);
  const clip = (): ModelName => oneOf('model', values.model, Object.keys(benchModels) as ModelName[]);
  const batch = count('batch', values.batch);
  const stock = !values['no-stock'];
  switch (positionals[0]) {
    case 'kernels': {
      const result = await kernels(where, { model: clip(), batch, stock, only: values.only });
      console.log(values.json ? JSON.stringify(result) : kernelTable(result));
      return;
    }
    case 'step': {
      const result = await step(where, {
        task: oneOf<StepTask>('task', values.task, stepTasks),
        model: clip(),
        batch,
        stock,
        train: oneOf<TrainMode>('train', values.train, ['full', 'last2', 'projections']),
        backend: oneOf<StepBackend>('backend', values.backend, ['webgpu', 'wasm']),
        precision: oneOf<Precision>('precision', values.precision, ['float32', 'mixed']),
        steps: count('steps', values.steps ?? '5'),
      });
      console.log(values.json ? JSON.stringify(result) : JSON.stringify(result, null, 2));
      return;
    }
    case 'epoch': {
      const pairs = count('pairs', values.pairs);
      const backend = oneOf<StepBackend>('backend', values.backend, ['webgpu', 'wasm']);
      const result = await epoch(where, { model: clip(), batch, pairs, backend });
      console.log(values.json ? JSON.stringify(result) : JSON.stringify(result, null, 2));
      return;
    }
    case 'rank': {
      const backend = oneOf<StepBackend>('backend', values.backend, ['webgpu', 'wasm']);
      const result = await rank(where, {
        pairs: count('pairs', values.pairs),
        width: count('width', values.width),
        backend,
      });
      console.log(values.json ? JSON.stringify(result) : JSON.stringify(result, null, 2));
      return;
    }
    case 'decode': {
      const result = await decode(where, {
        model: oneOf('model', values.model, Object.keys(blipModels) as BlipModelName[]),
        pictures: batch,
        beams: count('beams', values.beams),
        tokens: count('tokens', values.tokens),
        backend: oneOf<StepBackend>('backend', values.backend, ['webgpu', 'wasm']),
        runs: count('runs', values.runs),
      });
      console.log(values.json ? JSON.stringify(result) : JSON.stringify(result, null, 2));
      return;
    }
    case 'export': {
      const result = await benchmarkExport(
        {
          format: values.format,
          blocks: count('blocks', values.blocks),
          precision: oneOf('precision', values.precision, ['float32', 'float16']),
        },
        report,
      );
      console.log(values.json ? JSON.stringify(result) : JSON.stringify(result, null, 2));
      return;
    }
    case 'long': {
      const options = { steps: count('steps', values.steps ?? '2000'), threads: count('threads', values.threads) };
      const result = await benchmarkLong(options, report);
      console.log(values.json ? JSON.stringify(result) : JSON.stringify(result, null, 2));
      return;
    }
    case 'estimate': {
      const all = Object.keys(estimateSubjects) as EstimateSubject[];
      const result = await benchmarkEstimates(
        {
          subjects: values.only === '' ? all : [oneOf('only', values.only, all)],
          backend: studioBackend(values.backend),
          runs: count('runs', values.runs),
        },
        report,
      );
      console.log(values.json ? JSON.stringify(result) : estimateTable(result));
      return;
    }
    case 'checkpoints': {
      const all = Object.keys(checkpointSubjects) as CheckpointSubject[];
      const result = await benchmarkCheckpoints(
        {
          subjects: values.only === '' ? all : [oneOf('only', values.only, all)],
          backend: studioBackend(values.backend),
          seconds: count('seconds', values.seconds),
        },
        report,
      );
      console.log(values.json ? JSON.stringify(result) : checkpointTable(result));
      return;
    }
    case 'parity': {
      const result = await parity(where, values.folder);
      console.log(values.json ? JSON.stringify(result) : JSON.stringify(result, null, 2));
      return;
    }
    default:
      throw new UsageError(
        'say what to measure: kernels, step, epoch, rank, decode, export, long, estimate, checkpoints or parity',
      );
  }
}

try {
  await main();
  // Dawn keeps Node alive as long as a device exists.
  process.exit(0);
} catch (error) {
  console.error(error instanceof UsageError ? `${error.message}\n${usage}` : error);
  process.exit(1);
}
