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
  /**
   * The dispatches to make instead, where a single one would keep a slow GPU busy for so long that its driver may reset it. The last of the
   * kernel's bindings then is a buffer with the `first` of each.
   */
  readonly parts?: readonly KernelPart[];
  /** Floating-point operations (a multiply-add counts 2) and bytes that one dispatch reads and writes, for benchmarks and time slicing. */
  readonly flops: number;
  readonly bytes: number;
}

/** One of several dispatches that share a kernel's work. */
export interface KernelPart {
  /** Workgroups of the parts before this one. */
  readonly first: number;
  /** Workgroups of this part, in a row. */
  readonly count: number;
}

/** Workgroups of the dispatches that a kernel takes. */
export function dispatchSizes({ workgroups, parts }: Kernel): readonly Kernel['workgroups'][] {
  return parts?.map(({ count }) => [count, 1, 1] as const) ?? [workgroups];
}

/** Most workgroups that WebGPU guarantees along one dimension. */
export const maxWorkgroupsPerDimension = 65_535;

/**
 * Splits workgroups of equal work into even parts that stay below `mostFlops`; null where one dispatch can do it all.
 * @param force split even so: the workgroups do not fit into the dimensions of one dispatch
 */
export function partsOf(
  workgroups: number,
  flops: number,
  mostFlops: number,
  force = false,
): readonly KernelPart[] | null {
  if (flops <= mostFlops && !force) return null;
  const most = Math.min(maxWorkgroupsPerDimension, Math.max(1, Math.floor((workgroups * mostFlops) / flops)));
  const size = Math.ceil(workgroups / Math.ceil(workgroups / most));
  return Array.from({ length: Math.ceil(workgroups / size) }, (_, index) => {
    const first = index * size;
    return { first, count: Math.min(size, workgroups - first) };
  });
}
/** How the gradient of one input is wanted: not at all, overwritten, or added to. */
export type GradientMode = 'none' | 'write' | 'add';
