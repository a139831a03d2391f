import { maxWorkgroupsPerDimension, type BindingAccess, type Kernel, type KernelPart } from './kernel';
import { scalarsStruct } from './scalars';

/** One binding of a kernel; `scalars` stands for the uniform buffer of per-step values. */
export type Binding = readonly [name: string, access: 'read' | 'read_write', type: string] | 'scalars';

export interface KernelParts {
  readonly label: string;
  readonly bindings: readonly Binding[];
  /** WGSL after the binding declarations; holds the entry point `main`. */
  readonly body: string;
  readonly workgroups: readonly [x: number, y: number, z: number];
  /** Makes `part[0]` the first workgroup of the dispatch; null or absent: one dispatch does it all. */
  readonly parts?: readonly KernelPart[] | null;
  readonly flops: number;
  readonly bytes: number;
}

/** Joins binding declarations and body into a kernel. `enable` directives come first, as WGSL demands. */
export function makeKernel(parts: KernelParts, enable: readonly string[] = []): Kernel {
  const access: BindingAccess[] = [];
  const lines: string[] = enable.map((feature) => `enable ${feature};`);
  const split = parts.parts ?? null;
  const bindings: readonly Binding[] =
    split === null ? parts.bindings : [...parts.bindings, ['part', 'read', 'array<u32, 1>']];
  bindings.forEach((binding, index) => {
    if (binding === 'scalars') {
      access.push('uniform');
      lines.push(scalarsStruct, `@group(0) @binding(${index}) var<uniform> scalars: Scalars;`);
    } else {
      const [name, mode, type] = binding;
      access.push(mode);
      lines.push(`@group(0) @binding(${index}) var<storage, ${mode}> ${name}: ${type};`);
    }
  });
  return {
    label: parts.label,
    code: `${lines.join('\n')}\n\n${parts.body.trim()}\n`,
    bindings: access,
    workgroups: parts.workgroups,
    ...(split === null ? {} : { parts: split }),
    flops: parts.flops,
    bytes: parts.bytes,
  };
}

/** Lays `count` workgroups out in x, and in y where x alone does not suffice; kernels then compare their index with the count. */
export function linearGrid(count: number): readonly [x: number, y: number, z: number] {
  if (count <= maxWorkgroupsPerDimension) return [Math.max(1, count), 1, 1];
  const y = Math.ceil(count / maxWorkgroupsPerDimension);
  return [Math.ceil(count / y), y, 1];
}

/**
 * Entry point of a kernel that gives each of `threads` invocations its own `index`. The body may `return`.
 * @param size invocations per workgroup
 * @param inParts whether the kernel has `parts`
 */
export function perThread(
  threads: number,
  size: number,
  body: string,
  inParts = false,
): { main: string; workgroups: Kernel['workgroups'] } {
  const workgroups = linearGrid(Math.ceil(threads / size));
  const index = inParts
    ? `part[0] * ${size}u + gid.x`
    : workgroups[1] === 1
      ? 'gid.x'
      : `gid.y * ${workgroups[0] * size}u + gid.x`;
  return {
    workgroups,
    main: `@compute @workgroup_size(${size})
fn main(@builtin(global_invocation_id) gid: vec3<u32>) {
  let index = ${index};
  if (index >= ${threads}u) { return; }
${body}
}`,
  };
}

/**
 * A finite number as an f32 literal that WGSL reads back as the same f32.
 * @throws RangeError for NaN and infinities, which WGSL has no literals for
 */
export function f32(value: number): string {
  if (!Number.isFinite(value)) throw new RangeError(`${String(value)} has no WGSL literal.`);
  const rounded = Math.fround(value);
  const text = String(rounded);
  return `${/[.e]/.test(text) ? text : `${text}.0`}f`;
}

/** Widest vector type whose length divides the row length, so that rows stay aligned. */
export function vectorOf(columns: number): {
  readonly type: 'vec4<f32>' | 'f32';
  readonly width: 4 | 1;
  readonly sum: (v: string) => string;
} {
  return columns % 4 === 0
    ? { type: 'vec4<f32>', width: 4, sum: (v) => `dot(${v}, vec4<f32>(1.0))` }
    : { type: 'f32', width: 1, sum: (v) => v };
}
