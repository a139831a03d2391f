import type { GradientMode, Kernel } from '../../kernels/kernel';
import { makeKernel, perThread, vectorOf, type Binding } from '../../kernels/wgsl';

/** Kernels of a gate between two matrices of `count` elements, and its gradients. */

/** Where gate, a and b each get their gradient. */
export interface GateModes {
  readonly gate: GradientMode;
  readonly a: GradientMode;
  readonly b: GradientMode;
}

/** `y = σ(gate) a + (1 - σ(gate)) b`. Bindings: gate, a, b, y. */
export function gateForward(count: number): Kernel {
  const { type, width } = vectorOf(count);
  const { main, workgroups } = perThread(
    count / width,
    64,
    `  let share = 1.0 / (1.0 + exp(-gate[index]));
  y[index] = share * a[index] + (1.0 - share) * b[index];`,
  );
  return makeKernel({
    label: `gate ${count}`,
    bindings: [
      ['gate', 'read', `array<${type}>`],
      ['a', 'read', `array<${type}>`],
      ['b', 'read', `array<${type}>`],
      ['y', 'read_write', `array<${type}>`],
    ],
    body: main,
    workgroups,
    flops: 6 * count,
    bytes: 16 * count,
  });
}

/** Bindings: gate, a, b, dy, then those of dGate, dA and dB that are wanted. */
export function gateBackward(count: number, modes: GateModes): Kernel {
  const { type, width } = vectorOf(count);
  const terms = {
    gate: 'dy[index] * (a[index] - b[index]) * share * (1.0 - share)',
    a: 'dy[index] * share',
    b: 'dy[index] * (1.0 - share)',
  };
  const wanted = (['gate', 'a', 'b'] as const).filter((name) => modes[name] !== 'none');
  const lines = wanted.map((name) => `  d_${name}[index] ${modes[name] === 'add' ? '+=' : '='} ${terms[name]};`);
  const { main, workgroups } = perThread(
    count / width,
    64,
    `  let share = 1.0 / (1.0 + exp(-gate[index]));\n${lines.join('\n')}`,
  );
  // Every binding that is declared must be used, or the layout leaves it out.
  const reads = modes.gate === 'none' ? (['gate', 'dy'] as const) : (['gate', 'a', 'b', 'dy'] as const);
  return makeKernel({
    label: `gateBackward ${count} ${wanted.map((name) => `${name}:${modes[name]}`).join(' ')}`,
    bindings: [
      ...reads.map((name): Binding => [name, 'read', `array<${type}>`]),
      ...wanted.map((name): Binding => [`d_${name}`, 'read_write', `array<${type}>`]),
    ],
    body: main,
    workgroups,
    flops: 10 * count,
    bytes: 4 * count * (reads.length + wanted.length),
  });
}
