import { table } from './harness';
import type { ModelName } from './models';

/** What `npm run bench -- kernels` measures: the kernels of a training step of this model. */
export interface KernelOptions {
  readonly model: ModelName;
  readonly batch: number;
  /** Whether TensorFlow.js's kernels are timed beside. */
  readonly stock: boolean;
  /** Only kernels whose name contains this. */
  readonly only: string;
}

/** One kernel or variant at one shape. */
export interface KernelFigure {
  readonly kernel: string;
  readonly shape: string;
  /** Variant, or `TensorFlow.js`. */
  readonly variant: string;
  /** Milliseconds a run, the shortest of several. */
  readonly ms: number;
  readonly gflops: number;
  /** Bytes that must be read and written at least ÷ time, in GB/s. */
  readonly gbytes: number;
}

export interface KernelResult {
  readonly adapter: string;
  readonly figures: readonly KernelFigure[];
}

/** The figures as a table for people. */
export function kernelTable({ adapter, figures }: KernelResult): string {
  const head = ['kernel', 'shape', 'variant', 'ms', 'GFLOP/s', 'GB/s'];
  const rows = figures.map(({ kernel, shape, variant, ms, gflops, gbytes }) => [
    kernel,
    shape,
    variant,
    ms.toPrecision(3),
    gflops === 0 ? '–' : gflops.toPrecision(3),
    gbytes.toPrecision(3),
  ]);
  return `${adapter}\n${table([head, ...rows])}`;
}
