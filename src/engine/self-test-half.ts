import { copyElements } from './kernels/elementwise';
import type { AttentionVariant } from './ops/attention/problem';
import { attentionVariantName } from './ops/attention/problem';
import { variantName, type MatmulVariant } from './ops/linear/matmul-problem';
import { withStorage } from './kernels/storage';
import type { KernelTarget } from './kernels/target';
import { passes, productNames, type CheckRunner, type PassedChecks } from './self-test';
import { attentionCheck, layerNormCheck, linearChecks, type KernelCheck } from './self-test-checks';
import type { RunData, RunStep } from './webgpu/kernel-run';
import type { LinearPass } from './ops/linear/kernels';

/** Half precision has eleven significant bits; sums of rounded values stay well below this, relative to the largest expected magnitude. */
const tolerance = 1e-2;

/** The kernels that a run in mixed precision would use with f16 storage. */
export interface HalfPrecisionKernels {
  readonly linear: Readonly<Record<LinearPass, readonly MatmulVariant[]>>;
  readonly attention: readonly AttentionVariant[];
  readonly target: KernelTarget;
}

/**
 * A check with some of its buffers stored as f16, as mixed precision stores activations and their gradients. Contents are rounded and results
 * widened on the device.
 */
export function inHalfPrecision(check: KernelCheck, half: ReadonlySet<string>): KernelCheck {
  const data: Record<string, RunData> = { ...check.data };
  const before: RunStep[] = [];
  const after: RunStep[] = [];
  const stored = (name: string): string => (half.has(name) ? `${name} f16` : name);
  for (const name of half) {
    const content = check.data[name];
    if (content === undefined) throw new Error(`The check has no buffer ${name}.`);
    const count = typeof content === 'number' ? content : content.length;
    data[stored(name)] = count;
    const copy = copyElements(count, { accumulate: false });
    if (typeof content !== 'number') before.push([withStorage(copy, ['f32', 'f16']), name, stored(name)]);
    if (name in check.expected) after.push([withStorage(copy, ['f16', 'f32']), stored(name), name]);
  }
  const steps = check.steps.map(([kernel, ...names]): RunStep => {
    const storage = names.map((name) => (half.has(name) ? 'f16' : 'f32'));
    return [withStorage(kernel, storage), ...names.map(stored)];
  });
  return { data, steps: [...before, ...steps, ...after], expected: check.expected, tolerance };
}

/** Buffers that mixed precision stores as f16 (`halfPrecisionValues`). */
const halfBuffers = {
  forward: ['x', 'y'],
  input: ['dz', 'dx'],
  weight: ['dz', 'x'],
  attention: ['qkv', 'y', 'dy', 'dQkv'],
  layerNorm: ['y', 'dy'],
} as const;

/**
 * Checks kernels with f16 storage against values computed on the CPU: each variant once, however long it takes, since a run in mixed precision
 * uses all of them.
 * @param passed what passed before on this device is not checked again
 * @returns operations that gave wrong values, for people
 */
export async function testHalfPrecision(
  run: CheckRunner,
  { linear, attention, target }: HalfPrecisionKernels,
  passed: PassedChecks = new Set(),
): Promise<readonly string[]> {
  const wrong: string[] = [];
  const test = async (what: string, check: KernelCheck, half: readonly string[]): Promise<void> => {
    const label = `${what} with half-precision storage`;
    if (passed.has(label)) return;
    if (await passes(run, inHalfPrecision(check, new Set(half)))) passed.add(label);
    else wrong.push(what);
  };
  await test('layer norms', layerNormCheck(target), halfBuffers.layerNorm);
  for (const pass of ['forward', 'input', 'weight'] as const) {
    for (const variant of linear[pass]) {
      for (const check of linearChecks(pass, variant).slice(0, 1)) {
        await test(`${productNames[pass]} (${variantName(variant)})`, check, halfBuffers[pass]);
      }
    }
  }
  for (const variant of attention) {
    await test(`attention (${attentionVariantName(variant)})`, attentionCheck(variant), halfBuffers.attention);
  }
  return wrong;
}
