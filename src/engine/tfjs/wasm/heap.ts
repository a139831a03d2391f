import { engine, type Tensor } from '@tensorflow/tfjs-core';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm/dist/backend_wasm';
import { compileKernels, instantiateKernels, type WasmKernels } from './kernels';
import { serialRunner, type KernelRunner } from './runner';
import { controlBytes, ThreadPool } from './threads';

/** The kernels together with the heap of the TensorFlow.js WASM backend, on which they work: its tensors are their operands. */
export class WasmHeap {
  private scratchBlock: object | null = null;
  private scratchBytes = 0;

  constructor(
    private readonly backend: BackendWasm,
    readonly kernels: WasmKernels,
    readonly runner: KernelRunner,
  ) {}

  /** For people. */
  get description(): string {
    const { threads } = this.runner;
    return `CPU (WebAssembly with SIMD, ${threads === 1 ? '1 thread' : `${threads} threads`})`;
  }

  /** Byte address of a tensor's data. */
  address(tensor: Tensor): number {
    return this.backend.getMemoryOffset(tensor.dataId);
  }

  /** A tensor's data where it lies, to be used at once: the heap may move when it grows. */
  floats(tensor: Tensor): Float32Array {
    return this.backend.typedArrayFromHeap(tensor) as Float32Array;
  }

  /** Another handle of the same data. `Tensor.clone` copies on this backend. */
  share(tensor: Tensor): Tensor {
    this.backend.incRef(tensor.dataId);
    return engine().makeTensorFromTensorInfo(tensor, this.backend);
  }

  /** A new tensor whose data is undefined until a kernel writes it. */
  allocate(shape: readonly number[]): Tensor {
    const info = this.backend.makeOutput([...shape], 'float32');
    return engine().makeTensorFromTensorInfo(info, this.backend);
  }

  /** A new tensor of zeros. */
  zeros(shape: readonly number[]): Tensor {
    const tensor = this.allocate(shape);
    this.floats(tensor).fill(0);
    return tensor;
  }

  /** For each thread at least so many bytes that no tensor uses, valid until the next call; 16-byte aligned. */
  scratch(bytes: number): readonly number[] {
    const { threads } = this.runner;
    const each = Math.ceil(bytes / 64) * 64;
    if (this.scratchBlock === null || each * threads > this.scratchBytes) {
      if (this.scratchBlock !== null) this.backend.disposeData(this.scratchBlock);
      this.scratchBytes = each * threads;
      this.scratchBlock = reserve(this.backend, this.scratchBytes + 16);
    }
    const start = (this.backend.getMemoryOffset(this.scratchBlock) + 15) & ~15;
    return Array.from({ length: threads }, (_, thread) => start + thread * each);
  }

  /** Ends the threads. */
  dispose(): void {
    this.runner.dispose();
    if (this.scratchBlock !== null) this.backend.disposeData(this.scratchBlock);
  }
}

/** Memory that only the backend knows of, so that no tidy takes it away. */
function reserve(backend: BackendWasm, bytes: number): object {
  return backend.makeOutput([Math.ceil(bytes / 4)], 'float32').dataId;
}

/**
 * Lays the kernels over the heap of the current backend, which must be that of TensorFlow.js for WASM. Null where the engine has no SIMD.
 *
 * @param threads at most so many, where the heap is shared (the page is cross-origin isolated)
 */
export async function openWasmHeap(threads = 1): Promise<WasmHeap | null> {
  const backend = engine().backend as BackendWasm;
  const memory = memoryOf(backend);
  const shared = typeof SharedArrayBuffer !== 'undefined' && memory.buffer instanceof SharedArrayBuffer;
  try {
    const module = await compileKernels(shared);
    const kernels = await instantiateKernels(module, memory);
    if (!shared || threads === 1) return new WasmHeap(backend, kernels, serialRunner(kernels));
    const control = (backend.getMemoryOffset(reserve(backend, controlBytes(threads) + 16)) + 15) & ~15;
    return new WasmHeap(backend, kernels, await ThreadPool.start(threads, kernels, module, memory, control));
  } catch (error) {
    if (error instanceof WebAssembly.CompileError) return null;
    throw error;
  }
}

/** TensorFlow.js does not name the memory in its types: with threads it is a property of the module, else an export of the instance. */
function memoryOf(backend: BackendWasm): WebAssembly.Memory {
  const module = backend.wasm as unknown as { wasmMemory?: WebAssembly.Memory; asm?: { memory?: WebAssembly.Memory } };
  const memory = module.wasmMemory ?? module.asm?.memory;
  if (memory === undefined) throw new Error('The WASM backend of TensorFlow.js does not show its memory.');
  return memory;
}
