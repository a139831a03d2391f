import { EngineError } from '../executor';
import type { BindingAccess, Kernel } from '../kernels/kernel';
import { computeStage } from './constants';

/** Compiled kernels of one device. They are known by their WGSL, so that kernels with the same code share a pipeline whatever they are called. */

const layoutType = {
  read: 'read-only-storage',
  read_write: 'storage',
  uniform: 'uniform',
} as const satisfies Record<BindingAccess, GPUBufferBindingType>;

/** Kernels that are kept compiled: several times as many as the largest step has. */
const mostKept = 1000;

/** Compiles kernels in the background and keeps those used last; equal code is compiled once. */
export class PipelineCache {
  private readonly layouts = new Map<string, GPUBindGroupLayout>();
  private readonly pipelines = new Map<string, Promise<GPUComputePipeline>>();

  constructor(private readonly device: GPUDevice) {}

  /** Layout of group 0 for kernels with these bindings. */
  layout(bindings: readonly BindingAccess[]): GPUBindGroupLayout {
    const key = bindings.join();
    const existing = this.layouts.get(key);
    if (existing !== undefined) return existing;
    const layout = this.device.createBindGroupLayout({
      label: key,
      entries: bindings.map((access, binding) => ({
        binding,
        visibility: computeStage,
        buffer: { type: layoutType[access] },
      })),
    });
    this.layouts.set(key, layout);
    return layout;
  }

  /**
   * @throws EngineError `validation` where the adapter's compiler rejects the kernel
   */
  pipeline(kernel: Kernel): Promise<GPUComputePipeline> {
    const existing = this.pipelines.get(kernel.code);
    const pipeline = existing ?? this.compile(kernel);
    // The order of entries is that of their last use.
    this.pipelines.delete(kernel.code);
    this.pipelines.set(kernel.code, pipeline);
    const [oldest] = this.pipelines.keys();
    if (this.pipelines.size > mostKept && oldest !== undefined) this.pipelines.delete(oldest);
    return pipeline;
  }

  private async compile(kernel: Kernel): Promise<GPUComputePipeline> {
    try {
      // The promise tells that a kernel is rejected. Without a scope the device would report its module as an error of its own, too.
      this.device.pushErrorScope('validation');
      const compiling = this.device.createComputePipelineAsync({
        label: kernel.label,
        layout: this.device.createPipelineLayout({ bindGroupLayouts: [this.layout(kernel.bindings)] }),
        compute: {
          module: this.device.createShaderModule({ label: kernel.label, code: kernel.code }),
          entryPoint: 'main',
        },
      });
      this.device.popErrorScope().catch(() => undefined);
      return await compiling;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new EngineError('validation', `The graphics adapter cannot compile the kernel ${kernel.label}: ${reason}`, {
        cause: error,
      });
    }
  }
}
