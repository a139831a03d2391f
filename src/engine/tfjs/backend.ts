import { copyRegisteredKernels, engine, env, registerBackend, removeBackend } from '@tensorflow/tfjs-core';
import type { EngineDevice } from '../device';
import { EngineError, type ExecutorKind } from '../executor';

/**
 * Starts the backends of TensorFlow.js. The code of each is loaded when it is first wanted. That on WebGPU shares the engine's device instead of
 * asking for one, and several may stand side by side.
 */

export type TfjsKind = Exclude<ExecutorKind, 'webgpu'>;

/** Where the WASM binaries of TensorFlow.js are served: a folder (with a slash at its end), or an address per file name. */
export type WasmPaths = string | Readonly<Record<WasmFile, string>>;

export type WasmFile =
  'tfjs-backend-wasm.wasm' | 'tfjs-backend-wasm-simd.wasm' | 'tfjs-backend-wasm-threaded-simd.wasm';

export interface BackendOptions {
  /** Needed for `tfjs-wasm`. */
  readonly wasmPaths?: WasmPaths;
  /** Threads of the WASM kernels where the page is cross-origin isolated; default: one per logical core, at most eight. */
  readonly wasmThreads?: number;
  /** Needed for `tfjs-webgpu`. */
  readonly device?: EngineDevice;
}

/** A TensorFlow.js backend, ready. */
export interface Backend {
  /** Makes it the current one: TensorFlow.js has one current backend for all. */
  readonly activate: () => void;
  readonly description: string;
  readonly lost: Promise<EngineError>;
  readonly dispose: () => void;
}

const never = new Promise<EngineError>(() => undefined);

/** Starts the backend of a kind. */
export function startBackend(kind: TfjsKind, options: BackendOptions): Promise<Backend> {
  switch (kind) {
    case 'tfjs-cpu':
      return startCpu();
    case 'tfjs-wasm':
      return startWasm(options);
    case 'tfjs-webgpu':
      return startWebGpu(options);
    default:
      return kind satisfies never;
  }
}

async function startCpu(): Promise<Backend> {
  await import('@tensorflow/tfjs-backend-cpu');
  await ready('cpu');
  return { activate: activation('cpu'), description: 'CPU (JavaScript)', lost: never, dispose: () => undefined };
}

async function startWasm({ wasmPaths }: BackendOptions): Promise<Backend> {
  if (wasmPaths === undefined) throw new Error('The WASM backend must be told where its files are.');
  const wasm = await import('@tensorflow/tfjs-backend-wasm');
  if (!('wasm' in engine().registry)) {
    wasm.setWasmPaths(typeof wasmPaths === 'string' ? wasmPaths : { ...wasmPaths });
    // The work that is worth a thread runs in kernels of our own.
    wasm.setThreadsCount(1);
  }
  await ready('wasm');
  const description = 'CPU (WebAssembly without SIMD, 1 thread)';
  return { activate: activation('wasm'), description, lost: never, dispose: () => undefined };
}

let webGpuBackends = 0;

async function startWebGpu({ device }: BackendOptions): Promise<Backend> {
  if (device === undefined) throw new Error('The WebGPU backend must be given a device.');
  const { WebGPUBackend } = await import('@tensorflow/tfjs-backend-webgpu');
  // Program type 3 keeps TensorFlow.js from a split-K product that reads a transposed second factor wrongly (tfjs 4.22).
  env().set('WEBGPU_MATMUL_PROGRAM_TYPE', 3);
  // Everything stays on the device: small tensors on the CPU would have to be read back first.
  env().set('WEBGPU_CPU_FORWARD', false);
  const name = `vernier-webgpu-${webGpuBackends++}`;
  registerBackend(name, () => new WebGPUBackend(device.device, device.device.adapterInfo));
  copyRegisteredKernels('webgpu', name);
  await ready(name);
  const description = `${device.adapter.name} (TensorFlow.js WebGPU)`;
  return { activate: activation(name), description, lost: device.lost, dispose: () => removeBackend(name) };
}

async function ready(name: string): Promise<void> {
  const started = await engine().setBackend(name);
  if (!started) throw new EngineError('validation', `The TensorFlow.js backend "${name}" did not start.`);
}

function activation(name: string): () => void {
  return () => {
    // The backend is there already, so this takes effect before it returns.
    if (engine().backendName !== name) void engine().setBackend(name);
  };
}
