import type { Kernel } from './kernel';
import { makeKernel, perThread, vectorOf } from './wgsl';

/**
 * `y = x`, or `y += x` with `accumulate`. Bindings: x, y, each `[count]`.
 */
export function copyElements(count: number, options: { readonly accumulate: boolean }): Kernel {
  const { type, width } = vectorOf(count);
  const { main, workgroups } = perThread(count / width, 64, `  y[index] ${options.accumulate ? '+=' : '='} x[index];`);
  return makeKernel({
    label: `copyElements ${count}${options.accumulate ? ' add' : ''}`,
    bindings: [
      ['x', 'read', `array<${type}>`],
      ['y', 'read_write', `array<${type}>`],
    ],
    body: main,
    workgroups,
    flops: options.accumulate ? count : 0,
    bytes: (options.accumulate ? 12 : 8) * count,
  });
}
