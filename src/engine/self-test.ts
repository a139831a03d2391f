import { EngineError } from './executor';
import type { AttentionVariant } from './ops/attention/problem';
import { attentionVariantName } from './ops/attention/problem';
import { variantName, type MatmulVariant } from './ops/linear/matmul-problem';
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
import type { KernelChoice } from './kernel-choice';
import type { LinearPass } from './ops/linear/kernels';

/** Largest difference from the reference, relative to the largest expected magnitude, that rounding of float32 sums can explain. */
const usualTolerance = 2e-4;

/** What the self-test found, for the page. */
export interface SelfTestReport {
  /** Each kernel that failed, and what is used in its stead; written for people. */
  readonly replaced: readonly string[];
  /** Kernels that no time was left to check, so that others are used in their stead. */
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
  /** Those that the choice may give; each is checked, as far as time allows. */
  readonly used: readonly T[];
  /** What stands in where none of them is right; checked only then. */
  readonly fallback: T;
}

/** Labels of the checks that passed on a device: what passed is not checked again. */
export type PassedChecks = Set<string>;

export interface SelfTestOptions {
  readonly linear: Readonly<Record<LinearPass, Candidates<MatmulVariant>>>;
  readonly attention: Candidates<AttentionVariant>;
  /** Whether attention goes over sequences so long that kernels take them block by block: that is checked too. */
  readonly longAttention?: boolean;
  /** What is used in the place of a variant that fails or is not checked, where it passed; by default the first of the family that passed. */
  readonly usual?: KernelChoice;
  readonly passed?: PassedChecks;
  /** Milliseconds after which no check is begun but those that something must pass; 1,000 by default. */
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
 * Checks kernels against values computed on the CPU, within about a second, and leaves out those that fail and those that there is no time to check: the
 * resulting choice gives kernels that passed and no others.
 * @throws EngineError `self-test` where for some operation no kernel passes
 */
export async function selfTest(
  run: CheckRunner,
  wanted: KernelChoice,
  {
    linear,
    attention,
    longAttention = false,
    usual = wanted,
    passed = new Set(),
    budget = 1_000,
    now = () => performance.now(),
  }: SelfTestOptions,
): Promise<SelfTestResult> {
  const start = now();
  const tester = new Tester(run, passed, () => now() - start > budget);
  // The quick ones first, so that every family has its turn where compiling is slow.
  const target = await tester.target(wanted.target);
  const product = (pass: LinearPass) =>
    tester.family(productNames[pass], linear[pass], variantName, (variant) => linearChecks(pass, variant));
  const products = {
    forward: await product('forward'),
    input: await product('input'),
    weight: await product('weight'),
  };
  const attended = await tester.family(
    longAttention ? 'attention over long sequences' : 'attention',
    attention,
    attentionVariantName,
    (variant) => [attentionCheck(variant), ...(longAttention ? [longAttentionCheck(variant)] : [])],
  );
  return {
    choice: {
      target,
      linear: (pass, shape) => products[pass](wanted.linear?.(pass, shape), usual.linear?.(pass, shape)),
      attention: (shape) => attended(wanted.attention?.(shape), usual.attention?.(shape)),
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
    private readonly passed: PassedChecks,
    private readonly timeIsUp: () => boolean,
  ) {}

  /** Checks the variants of an operation; the result gives the first of some variants that passed, and one that passed where none of them did. */
  async family<T>(
    what: string,
    { used, fallback }: Candidates<T>,
    name: (variant: T) => string,
    checks: (variant: T) => readonly KernelCheck[],
  ): Promise<(...wanted: readonly (T | undefined)[]) => T> {
    const sound: T[] = [];
    const broken: T[] = [];
    const late: T[] = [];
    const label = (variant: T): string => `${what} (${name(variant)})`;
    const check = async (variant: T): Promise<void> =>
      void ((await this.passes(label(variant), checks(variant))) ? sound : broken).push(variant);
    for (const variant of used) {
      if (this.timeIsUp() && !this.passed.has(label(variant))) late.push(variant);
      else await check(variant);
    }
    // Something must be used, and it is checked however long that takes.
    while (sound.length === 0 && late.length > 0) await check(late.shift()!);
    if (sound.length === 0) await check(fallback);
    const [spare] = sound;
    if (spare === undefined) throw unusable(what);
    const wrong = broken.filter((variant) => used.includes(variant)).map(name);
    if (wrong.length > 0) {
      this.replaced.push(
        `${what}: ${wrong.join(', ')} gave wrong values on this adapter; ${name(spare)} is used instead.`,
      );
    }
    this.skipped.push(...late.map(label));
    return (...wanted) => wanted.find((variant) => variant !== undefined && this.passed.has(label(variant))) ?? spare;
  }

  /** Kernels whose lanes work together, where these are wanted and right; else those whose lanes work alone. */
  async target(wanted: KernelTarget): Promise<KernelTarget> {
    const failures = async (target: KernelTarget): Promise<readonly string[]> => {
      const failed: string[] = [];
      for (const [what, check] of targetChecks) {
        const label = `${what} (${target.cooperative ? 'shared work' : 'lone invocations'})`;
        if (!(await this.passes(label, [check(target)]))) failed.push(what);
      }
      return failed;
    };
    const failed = await failures(wanted);
    const [first] = failed;
    if (first === undefined) return wanted;
    if (!wanted.cooperative) throw unusable(first);
    const alone: KernelTarget = { ...wanted, cooperative: false };
    const [still] = await failures(alone);
    if (still !== undefined) throw unusable(still);
    this.replaced.push(
      `${failed.join(', ')}: kernels that use workgroup memory gave wrong values on this adapter; kernels without it are used instead.`,
    );
    return alone;
  }

  private async passes(label: string, checks: readonly KernelCheck[]): Promise<boolean> {
    if (this.passed.has(label)) return true;
    for (const check of checks) if (!(await passes(this.run, check))) return false;
    this.passed.add(label);
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
