import { EngineError } from './executor';
import type { AttentionVariant } from './kernels/attention-problem';
import { attentionVariantName } from './kernels/attention-problem';
import type { LinearShape } from './kernels/linear';
import { variantName, type MatmulVariant } from './kernels/matmul-problem';
import {
  attentionCheck,
  layerNormCheck,
  linearChecks,
  lossCheck,
  optimizerCheck,
  type KernelCheck,
} from './self-test-checks';
import type { KernelChoice, LinearPass } from './webgpu/lowering';

/** Largest difference from the reference, relative to the largest expected magnitude, that rounding of float32 sums can explain. */
const tolerance = 2e-4;

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

export interface SelfTestOptions {
  /** Matmul variants in the order to try them; the last must work everywhere. */
  readonly linear: readonly MatmulVariant[];
  readonly attention: readonly AttentionVariant[];
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
  return names.every((name, index) => agrees(found[index] ?? new Float32Array(), check.expected[name] ?? []));
}

function agrees(actual: Float32Array, expected: ArrayLike<number>): boolean {
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
  { linear, attention, budget = 1_000, now = () => performance.now() }: SelfTestOptions,
): Promise<SelfTestResult> {
  const start = now();
  const replaced: string[] = [];
  const skipped: string[] = [];
  /** The first candidate that passes; with no time left, the first of all. */
  const firstPassing = async <T>(
    what: string,
    candidates: readonly T[],
    name: (candidate: T) => string,
    checks: (candidate: T) => readonly KernelCheck[],
  ): Promise<{ readonly winner: T; readonly failed: readonly T[] }> => {
    const failed: T[] = [];
    for (const winner of candidates) {
      let passed = true;
      for (const check of checks(winner)) {
        // A candidate that stands in for a broken one is always checked.
        if (failed.length === 0 && now() - start > budget) skipped.push(what);
        else passed &&= await passes(run, check);
      }
      if (passed) {
        if (failed.length > 0) {
          const names = failed.map(name).join(', ');
          replaced.push(`${what}: ${names} gave wrong values on this adapter; ${name(winner)} is used instead.`);
        }
        return { winner, failed };
      }
      failed.push(winner);
    }
    throw new EngineError(
      'self-test',
      `This graphics adapter computes ${what} wrongly, with every kernel that Vernier has.`,
    );
  };

  const products = await firstPassing('matrix products', linear, variantName, linearChecks);
  const attended = await firstPassing('attention', attention, attentionVariantName, (variant) => [
    attentionCheck(variant),
  ]);
  const targets = wanted.target.cooperative
    ? [wanted.target, { ...wanted.target, cooperative: false }]
    : [wanted.target];
  const kind = (target: { readonly cooperative: boolean }): string =>
    target.cooperative ? 'shared kernels' : 'lone kernels';
  let remaining = targets;
  for (const [what, check] of [
    ['layer norms', layerNormCheck],
    ['the contrastive loss', lossCheck],
    ['the optimizer', optimizerCheck],
  ] as const) {
    const { winner } = await firstPassing(what, remaining, kind, (target) => [check(target)]);
    remaining = remaining.slice(remaining.indexOf(winner));
  }
  const broken = new Set(products.failed.map(variantName));
  return {
    choice: {
      target: remaining[0] ?? wanted.target,
      linear: replacing(wanted, broken, products.winner),
      attention: attended.failed.length === 0 && wanted.attention ? wanted.attention : () => attended.winner,
    },
    report: { replaced, skipped, milliseconds: now() - start },
  };
}

/** The wanted variants, but for those that failed. */
function replacing(
  wanted: KernelChoice,
  broken: ReadonlySet<string>,
  winner: MatmulVariant,
): (pass: LinearPass, shape: LinearShape) => MatmulVariant {
  return (pass, shape) => {
    const variant = wanted.linear?.(pass, shape) ?? winner;
    return broken.has(variantName(variant)) ? winner : variant;
  };
}
