/** How a binding of group 0 is declared in WGSL. `scalars` is the plan's one uniform buffer of per-step values. */
export type BindingAccess = 'read' | 'read_write' | 'uniform';

/**
 * One compute kernel, specialised to its shapes: all sizes are constants in the WGSL, so that a plan can record it with nothing but its
 * buffers. Kernels know neither buffers nor devices; the plan binds `bindings[i]` at `@group(0) @binding(i)`.
 */
export interface Kernel {
  /** Equal labels mean equal code: it is the key of the pipeline cache. */
  readonly label: string;
  /** WGSL with entry point `main`. */
  readonly code: string;
  readonly bindings: readonly BindingAccess[];
  /** Workgroups to dispatch, each at most 65,535. */
  readonly workgroups: readonly [x: number, y: number, z: number];
  /** Floating-point operations (a multiply-add counts 2) and bytes that one dispatch reads and writes, for benchmarks and time slicing. */
  readonly flops: number;
  readonly bytes: number;
}
