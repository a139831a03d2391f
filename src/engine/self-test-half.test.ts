import { describe, expect, it } from 'vitest';
import type { CheckRunner } from './self-test';
import { layerNormCheck } from './self-test-checks';
import { inHalfPrecision, testHalfPrecision, type HalfPrecisionKernels } from './self-test-half';
import { withHalf } from './webgpu/tuned';

const variant = { kind: 'register', rows: 4, columns: 4, lanes: [8, 8] } as const;
const kernels: HalfPrecisionKernels = {
  linear: { forward: [variant], input: [variant], weight: [variant] },
  attention: [{ kind: 'rows' }],
  target: { cooperative: true },
};

/** An adapter that errs by `error`, relative to the largest value, in checks with a kernel whose label has one of `broken`. */
function adapter(error: number, ...broken: readonly string[]): CheckRunner {
  return (check, results) => {
    const wrong = check.steps.some(([kernel]) => broken.some((part) => kernel.label.includes(part)));
    return Promise.resolve(
      results.map((name) => {
        const expected = Float32Array.from(check.expected[name] ?? []);
        const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
        return expected.map((value) => value + (wrong ? error * largest : 0));
      }),
    );
  };
}

describe('the self-test with half-precision storage', () => {
  it('names each operation that is wrong, and lets rounding pass', async () => {
    expect(await testHalfPrecision(adapter(1e-3, 'f16'), kernels)).toEqual([]);
    const wrong = await testHalfPrecision(adapter(0.1, 'attention', 'layerNorm'), kernels);
    expect(wrong).toEqual(['layer norms', 'attention (rows)']);
    expect(await testHalfPrecision(adapter(0.1, 'f16'), kernels)).toHaveLength(5);
  });

  it('checks nothing twice that was right', async () => {
    const passed = new Set<string>();
    expect(await testHalfPrecision(adapter(0.1, 'attention'), kernels, passed)).toEqual(['attention (rows)']);
    expect(passed.size).toBe(4);
    const checked: string[] = [];
    const run: CheckRunner = (check, results) => {
      checked.push(check.steps.map(([kernel]) => kernel.label).join());
      return adapter(0)(check, results);
    };
    expect(await testHalfPrecision(run, kernels, passed)).toEqual([]);
    expect(checked).toHaveLength(1);
    expect(checked[0]).toContain('attention');
  });

  it('stores what mixed precision stores as f16, and compares the widened results', () => {
    const check = inHalfPrecision(layerNormCheck({ cooperative: true }), new Set(['y', 'dy']));
    const [first, ...rest] = check.steps;
    expect(first?.slice(1)).toEqual(['dy', 'dy f16']);
    expect(rest.at(-1)?.slice(1)).toEqual(['y f16', 'y']);
    const forward = rest.find((step) => step.includes('statistics'));
    expect(forward?.slice(1)).toEqual(['x', 'weight', 'bias', 'y f16', 'statistics']);
    expect(forward?.[0].code).toContain('enable f16;');
  });

  it('is told of in sentences', () => {
    expect(withHalf(null, [])).toBeNull();
    expect(withHalf(null, ['layer norms'])).toEqual({
      replaced: ['layer norms gave wrong values with half-precision storage on this adapter; the run is in float32.'],
      skipped: [],
      milliseconds: 0,
    });
  });
});
