/** What a kernel may count on, decided once per adapter. */
export interface KernelTarget {
  /**
   * Whether the invocations of a workgroup should share work through workgroup memory. Pays on GPUs; on software adapters every barrier
   * costs more than it saves, and one invocation does the work alone.
   */
  readonly cooperative: boolean;
}

/** WGSL that sums `value` over a workgroup of `size` invocations, leaving the total in `shared_sums[0]`. Needs `lid: u32`. */
export function workgroupSum(
  size: number,
  type: string,
): { readonly declaration: string; readonly reduce: (value: string) => string } {
  return {
    declaration: `var<workgroup> shared_sums: array<${type}, ${size}>;`,
    reduce: (value) => `  workgroupBarrier();
  shared_sums[lid] = ${value};
  workgroupBarrier();
  for (var stride = ${size / 2}u; stride > 0u; stride >>= 1u) {
    if (lid < stride) { shared_sums[lid] += shared_sums[lid + stride]; }
    workgroupBarrier();
  }`,
  };
}
