import { describe, expect, it } from 'vitest';
import { EngineError } from './executor';
import type { MatmulVariant } from './ops/linear/matmul-problem';
import { selfTest, type CheckRunner } from './self-test';
import type { KernelChoice } from './kernel-choice';

const first: MatmulVariant = { kind: 'register', rows: 8, columns: 4, lanes: [8, 8] };
const second: MatmulVariant = { kind: 'register', rows: 4, columns: 4, lanes: [8, 8] };
const shape = { rows: 64, inner: 64, columns: 64 };

/** An adapter that is right about everything but kernels whose label or code contains one of `broken`. */
function adapter(...broken: readonly string[]): CheckRunner {
  return (check, results) => {
    const wrong = check.steps.some(([kernel]) =>
      broken.some((part) => `${kernel.label} ${kernel.code}`.includes(part)),
    );
    return Promise.resolve(
      results.map((name) => Float32Array.from(check.expected[name] ?? []).map((value) => (wrong ? value + 1 : value))),
    );
  };
}

const wanted: KernelChoice = {
  target: { cooperative: true },
  linear: () => first,
  attention: () => ({ kind: 'rows' }),
};
const rows = { kind: 'rows' } as const;
const products = { used: [first], fallback: second };
const options = {
  linear: { forward: products, input: products, weight: products },
  attention: { used: [rows], fallback: rows },
  now: () => 0,
};

describe('self-test', () => {
  it('keeps the wanted kernels where all of them pass', async () => {
    const { choice, report } = await selfTest(adapter(), wanted, options);
    expect(report).toEqual({ replaced: [], skipped: [], milliseconds: 0 });
    expect(choice.linear?.('forward', shape)).toEqual(first);
    expect(choice.target.cooperative).toBe(true);
  });

  it('replaces a matmul variant that gives wrong values, and says so', async () => {
    const { choice, report } = await selfTest(adapter('register 8x4'), wanted, options);
    expect(choice.linear?.('weight', shape)).toEqual(second);
    expect(report.replaced).toHaveLength(3);
    expect(report.replaced[0]).toMatch(/^matrix products: register 8x4.*wrong values.*4x4/);
  });

  it('checks every variant that may be used, and replaces a broken one by a sound one', async () => {
    const other: MatmulVariant = { kind: 'shared', rows: 4, columns: 4, lanes: [8, 8], depth: 16 };
    const choose: KernelChoice = { ...wanted, linear: (pass) => (pass === 'forward' ? first : other) };
    const weight = { used: [first, other], fallback: second };
    const both = { ...options, linear: { ...options.linear, weight } };
    const { choice, report } = await selfTest(adapter('shared 4x4'), choose, both);
    expect(choice.linear?.('forward', shape)).toEqual(first);
    expect(choice.linear?.('weight', shape)).toEqual(first);
    expect(report.replaced).toHaveLength(1);
  });

  it('checks attention block by block where sequences are long', async () => {
    const tile = { kind: 'tile', worker: 'lane', lanes: 64 } as const;
    const choose: KernelChoice = { ...wanted, attention: () => tile };
    const attention = { used: [tile], fallback: rows };
    // Wrong where a tile goes through its columns in blocks: a label names rows x columns.
    const broken = adapter('tile lane 16x');
    const attended = { batch: 1, tokens: 577, heads: 16, headSize: 64 };
    const short = await selfTest(broken, choose, { ...options, attention });
    expect(short.choice.attention?.(attended)).toEqual(tile);
    const long = await selfTest(broken, choose, { ...options, attention, longAttention: true });
    expect(long.choice.attention?.(attended)).toEqual(rows);
  });

  it('falls back to kernels without workgroup memory where those that share work fail', async () => {
    const { choice, report } = await selfTest(adapter('shared_sums'), wanted, options);
    expect(choice.target.cooperative).toBe(false);
    expect(report.replaced).toHaveLength(1);
  });

  it('refuses an adapter on which no kernel of an operation is right', async () => {
    const failing = selfTest(adapter('optimizerStep'), wanted, options);
    await expect(failing).rejects.toThrow(EngineError);
    await expect(failing).rejects.toThrow(/the optimizer/);
  });

  it('takes NaN for wrong', async () => {
    const run: CheckRunner = (check, results) =>
      Promise.resolve(results.map((name) => new Float32Array(check.expected[name]?.length ?? 0).fill(NaN)));
    await expect(selfTest(run, wanted, options)).rejects.toThrow(/layer norms/);
  });

  it('takes a kernel that does not compile for a broken one, but hands other failures on', async () => {
    const run =
      (error: Error): CheckRunner =>
      (check, results) =>
        check.steps.some(([kernel]) => kernel.label.includes('register 8x4'))
          ? Promise.reject(error)
          : adapter()(check, results);
    const { choice } = await selfTest(run(new EngineError('validation', 'no')), wanted, options);
    expect(choice.linear?.('forward', shape)).toEqual(second);
    await expect(selfTest(run(new EngineError('device-lost', 'gone')), wanted, options)).rejects.toThrow('gone');
  });

  describe('once its time is used up', () => {
    const slow = () => {
      let time = 0;
      return { budget: 100, now: () => (time += 150) };
    };
    const other: MatmulVariant = { kind: 'shared', rows: 4, columns: 4, lanes: [8, 8], depth: 16 };
    const small = { ...shape, rows: 4 };
    const choose: KernelChoice = { ...wanted, linear: (_, { rows }) => (rows === 4 ? other : first) };
    const both = { used: [other, first], fallback: second };
    const linear = { forward: both, input: both, weight: both };

    it('checks one variant of each family all the same, and gives no other', async () => {
      const { choice, report } = await selfTest(adapter(), choose, { ...options, linear, ...slow() });
      for (const pass of ['forward', 'input', 'weight'] as const) {
        expect(choice.linear?.(pass, small)).toEqual(other);
        expect(choice.linear?.(pass, shape)).toEqual(other);
      }
      expect(report.replaced).toEqual([]);
      expect(report.skipped[0]).toMatch(/^matrix products \(register 8x4/);
      expect(report.skipped).toHaveLength(3);
    });

    it('goes on to the next where that one is wrong', async () => {
      const { choice, report } = await selfTest(adapter('shared 4x4'), choose, { ...options, linear, ...slow() });
      expect(choice.linear?.('weight', small)).toEqual(first);
      expect(report.skipped).toEqual([]);
      expect(report.replaced).toHaveLength(3);
    });

    it('puts the usual kernel of a shape in the place of one that was not checked, where that passed before', async () => {
      const passed = new Set<string>();
      const before = await selfTest(adapter(), wanted, { ...options, passed });
      const { choice, report } = await selfTest(adapter(), choose, {
        ...options,
        ...slow(),
        linear,
        passed,
        usual: before.choice,
      });
      expect(choice.linear?.('forward', small)).toEqual(first);
      expect(choice.linear?.('forward', shape)).toEqual(first);
      expect(report.skipped[0]).toMatch(/^matrix products \(shared 4x4/);
    });
  });

  it('never gives a variant that it was not told of', async () => {
    const { choice } = await selfTest(adapter(), { ...wanted, linear: () => second }, options);
    expect(choice.linear?.('forward', shape)).toEqual(first);
  });

  it('checks nothing again that passed on the device before', async () => {
    const passed = new Set<string>();
    await selfTest(adapter(), wanted, { ...options, passed });
    const { report } = await selfTest(() => Promise.reject(new Error('checked again')), wanted, { ...options, passed });
    expect(report.replaced).toEqual([]);
  });
});
