import { engine, type Tensor } from '@tensorflow/tfjs-core';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm/dist/backend_wasm';
import { compileKernels, instantiateKernels, type WasmKernels } from './kernels';

/** The kernels together with the heap of the TensorFlow.js WASM backend, on which they work: its tensors are their operands. */
export class WasmHeap {
  private scratchBlock: object | null = null;
  private scratchBytes = 0;

  constructor(
    private readonly backend: BackendWasm,
    readonly kernels: WasmKernels,
  ) {}

  /** Byte address of a tensor's data. */
  address(tensor: Tensor): number {
    return this.backend.getMemoryOffset(tensor.dataId);
  }

  /** A new tensor whose data is undefined until a kernel writes it. */
  allocate(shape: readonly number[]): Tensor {
    const info = this.backend.makeOutput([...shape], 'float32');
    return engine().makeTensorFromTensorInfo(info, this.backend);
  }

  /** A new tensor of zeros. */
  zeros(shape: readonly number[]): Tensor {
    const tensor = this.allocate(shape);
    this.backend.typedArrayFromHeap(tensor).fill(0);
    return tensor;
  }

  /** At least so many bytes that no tensor uses, valid until the next call; 16-byte aligned. */
  scratch(bytes: number): number {
    if (this.scratchBlock === null || bytes > this.scratchBytes) {
      if (this.scratchBlock !== null) this.backend.disposeData(this.scratchBlock);
      // Memory that only the backend knows of, so that no tidy takes it away.
      this.scratchBlock = this.backend.makeOutput([Math.ceil(bytes / 4) + 4], 'float32').dataId;
      this.scratchBytes = bytes;
    }
    return (this.backend.getMemoryOffset(this.scratchBlock) + 15) & ~15;
  }
}

/** Lays the kernels over the heap of the current backend, which must be that of TensorFlow.js for WASM. Null where the engine has no SIMD. */
export async function openWasmHeap(): Promise<WasmHeap | null> {
  const backend = engine().backend as BackendWasm;
  const memory = memoryOf(backend);
  const shared = typeof SharedArrayBuffer !== 'undefined' && memory.buffer instanceof SharedArrayBuffer;
  try {
    return new WasmHeap(backend, await instantiateKernels(await compileKernels(shared), memory));
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
