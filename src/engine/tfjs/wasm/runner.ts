import type { WasmKernels } from './kernels';

/** One call of a kernel. */
export interface KernelCall {
  readonly kernel: keyof WasmKernels;
  readonly args: readonly number[];
}

/** Runs kernel calls that do not depend on each other, and returns when all are done. */
export interface KernelRunner {
  /** Most calls that run at a time. */
  readonly threads: number;
  /** @param calls at most `threads` */
  run(calls: readonly KernelCall[]): void;
  dispose(): void;
}

/** Calls a kernel by name. */
export function call(kernels: WasmKernels, { kernel, args }: KernelCall): void {
  const run: (...args: number[]) => unknown = kernels[kernel];
  run(...args);
}

/** Everything on the calling thread. */
export function serialRunner(kernels: WasmKernels): KernelRunner {
  return {
    threads: 1,
    run: (calls) => calls.forEach((each) => call(kernels, each)),
    dispose: () => undefined,
  };
}

/** Cuts 0 … length into at most `parts` ranges of nearly equal size; inner bounds are multiples of `grain`. */
export function ranges(length: number, parts: number, grain: number): readonly (readonly [from: number, to: number])[] {
  const size = Math.max(grain, Math.ceil(length / parts / grain) * grain);
  const result: [number, number][] = [];
  for (let from = 0; from < length; from += size) result.push([from, Math.min(from + size, length)]);
  return result;
}
