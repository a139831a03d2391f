import { EngineError } from './executor';
import type { AttentionVariant } from './kernels/attention-problem';
import { attentionVariantName } from './kernels/attention-problem';
import { variantName, type MatmulVariant } from './kernels/matmul-problem';
import {
  attentionCheck,
  longAttentionCheck,
  layerNormCheck,
  linearChecks,
  lossCheck,
  optimizerCheck,
  type KernelCheck,
} from './self-test-checks';
import type { KernelTarget } from './kernels/target';
import type { KernelChoice, LinearPass } from './webgpu/lowering';

/** Largest difference from the reference, relative to the largest expected magnitude, that rounding of float32 sums can explain. */
const usualTolerance = 2e-4;

/** What the self-test found, for the page. */
export interface SelfTestReport {
  /** Each kernel that failed, and what is used in its stead; written for people. */
  readonly replaced: readonly string[];
  /** Checks for which no time was left. */
  readonly skipped: readonly string[];
  readonly milliseconds: number;
}

export interface SelfTestResult {
  /** The kernels that passed. */
  readonly choice: KernelChoice;
  readonly report: SelfTestReport;
}

/** Kernels of one family. */
export interface Candidates<T> {
  /** Those that the choice may give; each is checked. */
  readonly used: readonly T[];
  /** What stands in where one of them is broken; checked only then. */
  readonly fallback: T;
}

export interface SelfTestOptions {
  readonly linear: Readonly<Record<LinearPass, Candidates<MatmulVariant>>>;
  readonly attention: Candidates<AttentionVariant>;
  /** Whether attention goes over sequences so long that kernels take them block by block: that is checked too. */
  readonly longAttention?: boolean;
  /** Milliseconds after which no further check is begun; 1,000 by default. */
  readonly budget?: number;
  readonly now?: () => number;
}

/** Runs a check's kernels and returns the contents of its expected buffers, in their order. */
export type CheckRunner = (check: KernelCheck, results: readonly string[]) => Promise<readonly Float32Array[]>;

/** Whether kernels give what they should; kernels that do not compile do not. */
export async function passes(run: CheckRunner, check: KernelCheck): Promise<boolean> {
  const names = Object.keys(check.expected);
  let found: readonly Float32Array[];
  try {
    found = await run(check, names);
  } catch (error) {
    if (error instanceof EngineError && error.code === 'validation') return false;
    throw error;
  }
  return names.every((name, index) =>
    agrees(found[index] ?? new Float32Array(), check.expected[name] ?? [], check.tolerance ?? usualTolerance),
  );
}

function agrees(actual: Float32Array, expected: ArrayLike<number>, tolerance: number): boolean {
  let scale = 1e-3;
  for (let i = 0; i < expected.length; i++) scale = Math.max(scale, Math.abs(expected[i] ?? 0));
  for (let i = 0; i < expected.length; i++) {
    // Written so that NaN fails.
    if (!(Math.abs((actual[i] ?? NaN) - (expected[i] ?? NaN)) <= tolerance * scale)) return false;
  }
  return actual.length >= expected.length;
}

/**
 * Checks kernels against values computed on the CPU, within about a second, and leaves out those that fail.
 * @throws EngineError `self-test` where for some operation no kernel passes
 */
export async function selfTest(
  run: CheckRunner,
  wanted: KernelChoice,
  { linear, attention, longAttention = false, budget = 1_000, now = () => performance.now() }: SelfTestOptions,
): Promise<SelfTestResult> {
  const start = now();
  const tester = new Tester(run, () => now() - start > budget);
  // The quick ones first, so that every family has its turn where compiling is slow.
  const target = await tester.target(wanted.target);
  const product = (pass: LinearPass) =>
    tester.family(productNames[pass], linear[pass], variantName, (variant) => linearChecks(pass, variant));
  const products = {
    forward: await product('forward'),
    input: await product('input'),
    weight: await product('weight'),
  };
  const attended = await tester.family('attention', attention, attentionVariantName, (variant) => [
    attentionCheck(variant),
    ...(longAttention ? [longAttentionCheck(variant)] : []),
  ]);
  return {
    choice: {
      target,
      linear: (pass, shape) => products[pass](wanted.linear?.(pass, shape) ?? linear[pass].fallback),
      attention: (shape) => attended(wanted.attention?.(shape) ?? attention.fallback),
    },
    report: { replaced: tester.replaced, skipped: tester.skipped, milliseconds: now() - start },
  };
}

/** What people read for the products of a linear layer. */
export const productNames: Readonly<Record<LinearPass, string>> = {
  forward: 'matrix products',
  input: 'matrix products for gradients of activations',
  weight: 'matrix products for gradients of weights',
};

/** Runs checks and notes what they find. */
class Tester {
  readonly replaced: string[] = [];
  readonly skipped: string[] = [];

  constructor(
    private readonly run: CheckRunner,
    private readonly timeIsUp: () => boolean,
  ) {}

  /** Checks the variants of an operation; the result puts another in the place of a broken one. */
  async family<T>(
    what: string,
    { used, fallback }: Candidates<T>,
    name: (variant: T) => string,
    checks: (variant: T) => readonly KernelCheck[],
  ): Promise<(variant: T) => T> {
    const sound: T[] = [];
    const broken: T[] = [];
    for (const variant of used) {
      if (this.timeIsUp()) this.skipped.push(`${what} (${name(variant)})`);
      else ((await this.all(checks(variant))) ? sound : broken).push(variant);
    }
    if (broken.length === 0) return (variant) => variant;
    // What stands in for a broken kernel is always checked.
    const spare = sound[0] ?? fallback;
    if (sound.length === 0 && !(await this.all(checks(spare)))) throw unusable(what);
    const names = broken.map(name);
    this.replaced.push(
      `${what}: ${names.join(', ')} gave wrong values on this adapter; ${name(spare)} is used instead.`,
    );
    return (variant) => (names.includes(name(variant)) ? spare : variant);
  }

  /** Kernels whose lanes work together, where these are wanted and right; else those whose lanes work alone. */
  async target(wanted: KernelTarget): Promise<KernelTarget> {
    const failures = async (target: KernelTarget, always: boolean): Promise<readonly string[]> => {
      const failed: string[] = [];
      for (const [what, check] of targetChecks) {
        if (!always && this.timeIsUp()) this.skipped.push(what);
        else if (!(await passes(this.run, check(target)))) failed.push(what);
      }
      return failed;
    };
    const failed = await failures(wanted, false);
    const [first] = failed;
    if (first === undefined) return wanted;
    if (!wanted.cooperative) throw unusable(first);
    const alone: KernelTarget = { ...wanted, cooperative: false };
    const [still] = await failures(alone, true);
    if (still !== undefined) throw unusable(still);
    this.replaced.push(
      `${failed.join(', ')}: kernels that use workgroup memory gave wrong values on this adapter; kernels without it are used instead.`,
    );
    return alone;
  }

  private async all(checks: readonly KernelCheck[]): Promise<boolean> {
    for (const check of checks) if (!(await passes(this.run, check))) return false;
    return true;
  }
}

const targetChecks = [
  ['layer norms', layerNormCheck],
  ['the contrastive loss', lossCheck],
  ['the optimizer', optimizerCheck],
] as const;

function unusable(what: string): EngineError {
  return new EngineError(
    'self-test',
    `This graphics adapter computes ${what} wrongly, with every kernel that Vernier has.`,
  );
}
