import { beforeAll, describe, expect, it } from 'vitest';
import { opCases } from '../../fixtures/load';
import { attentionReference } from './reference';
import { attentionBackward, attentionForward } from './kernels';
import type { AttentionOptions, AttentionShape, AttentionVariant } from './problem';
import { attentionVariantName } from './problem';
import { KernelRunner, noise, relativeError, type TestData } from '../linear/testing';

const variants: readonly AttentionVariant[] = [
  { kind: 'rows' },
  { kind: 'tile', worker: 'lane', lanes: 64 },
  { kind: 'tile', worker: 'quad' },
];

let runner: KernelRunner;
beforeAll(async () => {
  runner = await KernelRunner.create();
});

interface Run {
  readonly shape: AttentionShape;
  readonly options: AttentionOptions;
  readonly variant: AttentionVariant;
  readonly qkv: Float32Array<ArrayBuffer>;
  readonly dy: Float32Array<ArrayBuffer>;
  readonly lengths: Int32Array<ArrayBuffer> | null;
  readonly seed?: number;
}

interface Result {
  readonly y: Float32Array;
  readonly dQkv: Float32Array;
}

/** Forward and backward; the gradient starts as NaN, so that an element nobody writes shows. */
async function attend({ shape, options, variant, qkv, dy, lengths, seed }: Run): Promise<Result> {
  const rows = new Float32Array(shape.batch * shape.heads * shape.tokens);
  const optional: TestData[] = lengths === null ? [] : [lengths];
  const forward = attentionForward(shape, { ...options, saveLogSumExp: true }, variant);
  const [first, second] = attentionBackward(shape, options, variant);
  runner.prepare([forward, first, second]);
  const [y, lse] = await runner.run(forward, [qkv, ...optional, new Float32Array(dy.length), rows], seed);
  if (y === undefined || lse === undefined) throw new Error('The forward kernel wrote too little.');
  const nothing = new Float32Array(qkv.length).fill(NaN);
  const [half, delta] = await runner.run(
    first,
    [qkv, new Float32Array(y), dy, new Float32Array(lse), ...optional, nothing, rows],
    seed,
  );
  if (half === undefined || delta === undefined) throw new Error('The first backward kernel wrote too little.');
  const [dQkv] = await runner.run(
    second,
    [qkv, dy, new Float32Array(lse), new Float32Array(delta), ...optional, new Float32Array(half)],
    seed,
  );
  if (dQkv === undefined) throw new Error('The second backward kernel wrote too little.');
  return { y, dQkv };
}

describe.each(variants.map((variant) => ({ variant, name: attentionVariantName(variant) })))(
  'attention, $name',
  ({ variant }) => {
    describe('against PyTorch', () => {
      for (const { name, attributes, inputs, y, dy, gradients } of opCases('attention')) {
        if (!('qkv' in inputs)) continue;
        it(name, async () => {
          const { qkv, lengths } = inputs;
          if (!(qkv?.data instanceof Float32Array) || dy === null) throw new Error(`${name} is incomplete`);
          const shape = attributes as unknown as AttentionShape;
          const options = {
            causal: attributes['causal'] === true,
            lengths: lengths !== undefined,
            dropout: 0,
            salt: 0,
          };
          const keys = lengths?.data instanceof Int32Array ? lengths.data : null;
          const result = await attend({ shape, options, variant, qkv: qkv.data, dy: dy.data, lengths: keys });
          expect(relativeError(result.y, y.data)).toBeLessThan(1e-5);
          expect(relativeError(result.dQkv, gradients['qkv']?.data ?? [])).toBeLessThan(1e-5);
        });
      }
    });

    it.each([
      { batch: 2, tokens: 65, heads: 1, headSize: 32, causal: false },
      { batch: 2, tokens: 77, heads: 2, headSize: 12, causal: true },
      { batch: 1, tokens: 129, heads: 1, headSize: 16, causal: false },
    ])(
      'matches float64 for $tokens tokens of $headSize, causal $causal, with lengths',
      async ({ causal, ...shape }) => {
        const { batch, tokens, heads, headSize } = shape;
        const qkv = noise(batch * tokens * 3 * heads * headSize, 1);
        const dy = noise(batch * tokens * heads * headSize, 2);
        const lengths = new Int32Array([tokens - 4, 3].slice(0, batch));
        const options = { causal, lengths: true, dropout: 0, salt: 0 };
        const expected = attentionReference({ ...shape, causal, lengths, qkv }, dy);
        const result = await attend({ shape, options, variant, qkv, dy, lengths });
        expect(relativeError(result.y, expected.y)).toBeLessThan(1e-5);
        expect(relativeError(result.dQkv, expected.dQkv)).toBeLessThan(1e-5);
      },
    );

    it('drops weights with the given probability, by seed, and scales the rest', async () => {
      const shape = { batch: 4, tokens: 40, heads: 2, headSize: 4 };
      // Equal scores and values of one: y is the sum of the kept weights, each 1 / 40 / (1 - 0.25).
      const qkv = new Float32Array(4 * 40 * 24).map((_, i) => (i % 24 >= 16 ? 1 : 0));
      const dy = noise(4 * 40 * 8, 3);
      const options = { causal: false, lengths: false, dropout: 0.25, salt: 5 };
      const run = { shape, options, variant, qkv, dy, lengths: null };
      const once = await attend({ ...run, seed: 7 });
      const again = await attend({ ...run, seed: 7 });
      const other = await attend({ ...run, seed: 8 });
      expect(again.y).toEqual(once.y);
      expect(other.y).not.toEqual(once.y);
      const mean = once.y.reduce((sum, value) => sum + value, 0) / once.y.length;
      expect(mean).toBeGreaterThan(0.98);
      expect(mean).toBeLessThan(1.02);
      const kept = Math.round((once.y[0] ?? 0) * 40 * 0.75);
      expect(kept / 40 / 0.75).toBeCloseTo(once.y[0] ?? 0, 5);
      // Σ dv = Σ_keys Σ_queries weight · dy = Σ_queries y · dy for values of one.
      for (let column = 0; column < 8; column++) {
        let dv = 0;
        let through = 0;
        for (let row = 0; row < 160; row++) {
          dv += once.dQkv[row * 24 + 16 + column] ?? NaN;
          through += (once.y[row * 8 + column] ?? NaN) * (dy[row * 8 + column] ?? NaN);
        }
        expect(dv).toBeCloseTo(through, 3);
      }
    });
  },
);

const lane: AttentionVariant = { kind: 'tile', worker: 'lane', lanes: 64 };

describe('attention to long sequences', () => {
  /** One head of a few elements, so that a software adapter takes seconds. */
  function problem(tokens: number, causal: boolean, headSize = 8): Omit<Run, 'variant'> {
    const shape = { batch: 1, tokens, heads: 1, headSize };
    const options = { causal, lengths: true, dropout: 0, salt: 0 };
    const lengths = new Int32Array([tokens - 3]);
    return { shape, options, qkv: noise(tokens * 3 * headSize, 1), dy: noise(tokens * headSize, 2), lengths };
  }

  function expectReference(
    { shape, options: { causal }, qkv, dy, lengths }: Omit<Run, 'variant'>,
    result: Result,
  ): void {
    const expected = attentionReference({ ...shape, causal, lengths, qkv }, dy);
    expect(relativeError(result.y, expected.y)).toBeLessThan(1e-5);
    expect(relativeError(result.dQkv, expected.dQkv)).toBeLessThan(1e-5);
  }

  // Around 504 tokens a lane's tile no longer holds all columns; 577 are those of a picture of 336 pixels.
  it.each([
    { tokens: 504, causal: true, variant: lane },
    { tokens: 513, causal: true, variant: lane },
    { tokens: 577, causal: false, variant: lane },
    { tokens: 577, causal: true, variant: { kind: 'tile', worker: 'quad' } as const },
  ])('matches float64 for $tokens tokens, causal $causal, $variant.worker', async (run) => {
    const given = problem(run.tokens, run.causal);
    expectReference(given, await attend({ ...given, variant: run.variant }));
  });

  it.each([80, 128])('matches float64 for heads of %i elements', async (headSize) => {
    const given = problem(130, false, headSize);
    expectReference(given, await attend({ ...given, variant: lane }));
  });

  it.each([lane, { kind: 'rows' } as const])('gives the same bits again, and in parts, $kind', async (variant) => {
    const given = problem(200, true);
    const once = await attend({ ...given, variant });
    expect(await attend({ ...given, variant })).toEqual(once);
    const limits = { tile: 3e5, rows: 3e5 };
    const options = { ...given.options, mostFlops: limits };
    expect(attentionBackward(given.shape, options, variant)[1].parts?.length).toBeGreaterThan(2);
    expect(await attend({ ...given, options, variant })).toEqual(once);
  });
});
