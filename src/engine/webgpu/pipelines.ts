import { EngineError } from '../executor';
import type { BindingAccess, Kernel } from '../kernels/kernel';
import { computeStage } from './constants';

const layoutType = {
  read: 'read-only-storage',
  read_write: 'storage',
  uniform: 'uniform',
} as const satisfies Record<BindingAccess, GPUBufferBindingType>;

/** Compiles kernels in the background and keeps them; equal code is compiled once. */
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
    if (existing !== undefined) return existing;
    const compiled = this.compile(kernel);
    this.pipelines.set(kernel.code, compiled);
    return compiled;
  }

  private async compile(kernel: Kernel): Promise<GPUComputePipeline> {
    try {
      return await this.device.createComputePipelineAsync({
        label: kernel.label,
        layout: this.device.createPipelineLayout({ bindGroupLayouts: [this.layout(kernel.bindings)] }),
        compute: {
          module: this.device.createShaderModule({ label: kernel.label, code: kernel.code }),
          entryPoint: 'main',
        },
      });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new EngineError('validation', `The graphics adapter cannot compile the kernel ${kernel.label}: ${reason}`, {
        cause: error,
      });
    }
  }
}
