import type { Kernel } from '../kernels/kernel';
import { bufferUsage } from './constants';
import type { DeviceMemory } from './memory';
import type { PipelineCache } from './pipelines';
import { PlanBuilder, type Slice } from './plan';
import { readSlices } from './readback';

/** Contents of a buffer to begin with, or its length in elements where it starts at zero. */
export type RunData =
  Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer> | Uint32Array<ArrayBuffer> | Uint8Array<ArrayBuffer> | number;

/** A kernel with the names of the buffers it binds. */
export type RunStep = readonly [kernel: Kernel, ...bindings: string[]];

/** Runs a few kernels once on buffers of their own, for the self-test. Names with a leading `$` are uniform buffers. */
export async function runKernels(
  device: GPUDevice,
  memory: DeviceMemory,
  cache: PipelineCache,
  data: Readonly<Record<string, RunData>>,
  steps: readonly RunStep[],
  results: readonly string[],
): Promise<readonly Float32Array[]> {
  const group = memory.group();
  try {
    const slices = new Map<string, Slice>();
    await group.scoped('the self-test', () => {
      for (const [name, content] of Object.entries(data)) {
        const bytes = typeof content === 'number' ? 4 * content : content.byteLength;
        const kind = name.startsWith('$') ? bufferUsage.uniform : bufferUsage.storage | bufferUsage.copySource;
        const buffer = group.buffer('other', `self-test ${name}`, bytes, kind | bufferUsage.copyDestination);
        if (typeof content !== 'number') device.queue.writeBuffer(buffer, 0, content);
        slices.set(name, { kind: 'slice', buffer, offset: 0, bytes: name.startsWith('$') ? bytes : buffer.size });
      }
    });
    const slice = (name: string): Slice => {
      const found = slices.get(name);
      if (found === undefined) throw new Error(`The self-test has no buffer ${name}.`);
      return found;
    };
    const builder = new PlanBuilder();
    for (const [kernel, ...names] of steps) builder.dispatch(kernel, names.map(slice));
    const plan = await builder.compile('self-test', device, group, cache);
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    for (const { pipeline, group: bindings, x, y, z } of plan.dispatches) {
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, bindings);
      pass.dispatchWorkgroups(x, y, z);
    }
    pass.end();
    device.queue.submit([encoder.finish()]);
    const lengths = results.map((name) => {
      const content = data[name];
      return content === undefined ? 0 : 4 * (typeof content === 'number' ? content : content.length);
    });
    return await readSlices(
      device,
      memory,
      results.map((name, index) => ({ ...slice(name), bytes: lengths[index] ?? 0 })),
    );
  } finally {
    group.dispose();
  }
}
