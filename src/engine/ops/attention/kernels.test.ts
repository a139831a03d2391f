import { describe, expect, it } from 'vitest';
import { attentionBackward, attentionForward, takesBlocks } from './kernels';
import { attentionVariantName, type AttentionVariant } from './problem';
import type { Kernel } from '../../kernels/kernel';

const shape = { batch: 2, tokens: 18, heads: 2, headSize: 8 };
const options = { causal: true, lengths: true, dropout: 0.1, salt: 3 };

const variants: readonly AttentionVariant[] = [
  { kind: 'rows' },
  { kind: 'tile', worker: 'lane', lanes: 64 },
  { kind: 'tile', worker: 'quad' },
];

describe.each(variants.map((variant) => ({ variant, name: attentionVariantName(variant) })))(
  'WGSL of attention, $name',
  ({ variant }) => {
    it('forward', () => {
      expect(attentionForward(shape, { ...options, saveLogSumExp: true }, variant).code).toMatchSnapshot();
    });

    it('backward', () => {
      const [query, keyValue] = attentionBackward(shape, options, variant);
      expect(query.code).toMatchSnapshot();
      expect(keyValue.code).toMatchSnapshot();
    });
  },
);

describe('WGSL of attention to long sequences, block by block and in parts', () => {
  const long = { ...shape, tokens: 600 };
  const split = { ...options, mostFlops: { tile: 2e6, rows: 2e6 } };

  it('forward', () => {
    expect(attentionForward(long, { ...split, saveLogSumExp: true }).code).toMatchSnapshot();
  });

  it('backward', () => {
    const [query, keyValue] = attentionBackward(long, split);
    expect(query.code).toMatchSnapshot();
    expect(keyValue.code).toMatchSnapshot();
  });
});

describe.each(variants.slice(0, 2).map((variant) => ({ variant, name: attentionVariantName(variant) })))(
  'WGSL of attention to keys apart, $name',
  ({ variant }) => {
    const apart = { ...shape, apart: { keys: 30, sharedQueries: false } };
    const decoding = { causal: true, lengths: false, offsets: true, dropout: 0.1, salt: 3 };

    it('forward', () => {
      expect(attentionForward(apart, { ...decoding, saveLogSumExp: true }, variant).code).toMatchSnapshot();
    });

    it('backward', () => {
      for (const kernel of attentionBackward(apart, decoding, variant)) expect(kernel.code).toMatchSnapshot();
    });

    it('with queries that all sequences share, in parts: eight storage buffers at most', () => {
      const shared = { ...shape, tokens: 40, apart: { keys: 600, sharedQueries: true } };
      const split = { causal: false, lengths: true, dropout: 0.1, salt: 3, mostFlops: { tile: 1e5, rows: 1e5 } };
      const forward = attentionForward(shared, { ...split, saveLogSumExp: true }, variant);
      expect(forward.code).toMatchSnapshot();
      for (const { bindings, parts } of [forward, ...attentionBackward(shared, split, variant)]) {
        expect(parts?.length).toBeGreaterThan(1);
        expect(bindings.filter((access) => access !== 'uniform').length).toBeLessThanOrEqual(8);
      }
    });
  },
);

const everyVariant: readonly AttentionVariant[] = [
  ...[4, 32, 64].map((lanes) => ({ kind: 'tile', worker: 'lane', lanes }) as const),
  { kind: 'tile', worker: 'quad' },
];

describe('attention kernels', () => {
  it('fall back to rows where a head has no whole vectors', () => {
    const variant: AttentionVariant = { kind: 'tile', worker: 'quad' };
    const other = { ...shape, headSize: 5 };
    expect(attentionForward(other, { ...options, saveLogSumExp: false }, variant).label).toMatch(/rows$/);
    for (const kernel of attentionBackward(other, options, variant)) expect(kernel.label).toMatch(/rows$/);
  });

  it.each([32, 64, 80, 96, 128])(
    'have tiles for any number of tokens, within the workgroup memory of every device, with heads of %i',
    (headSize) => {
      for (const variant of everyVariant) {
        for (const tokens of [1, 24, 50, 65, 77, 197, 257, 503, 504, 505, 512, 513, 577, 729, 1024, 4096, 20_000]) {
          const sizes = { ...shape, tokens, headSize };
          const forward = attentionForward(sizes, { ...options, saveLogSumExp: true }, variant);
          for (const kernel of [forward, ...attentionBackward(sizes, options, variant)]) {
            expect(kernel.label).toContain('tile');
            expect(workgroupBytes(kernel)).toBeGreaterThan(0);
            expect(workgroupBytes(kernel)).toBeLessThanOrEqual(16_384);
          }
        }
      }
    },
  );

  it.each(
    [...everyVariant, { kind: 'rows' } as const].map((variant) => [attentionVariantName(variant), variant] as const),
  )('split the attention of ViT-L/14 at 336 pixels into dispatches of bounded work, %s', (_, variant) => {
    const sizes = { batch: 32, tokens: 577, heads: 16, headSize: 64 };
    const plain = { causal: false, lengths: false, dropout: 0, salt: 0 };
    const forward = attentionForward(sizes, { ...plain, saveLogSumExp: true }, variant);
    for (const { parts = [], flops, workgroups, bindings, code } of [
      forward,
      ...attentionBackward(sizes, plain, variant),
    ]) {
      const all = parts.reduce((sum, { count }) => sum + count, 0);
      expect(all).toBe(workgroups[0] * workgroups[1]);
      parts.forEach(({ first, count }, index) => {
        expect(first).toBe(parts.slice(0, index).reduce((sum, part) => sum + part.count, 0));
        expect((flops * count) / all).toBeLessThanOrEqual(variant.kind === 'rows' ? 4e8 : 4e9);
        expect(count).toBeLessThanOrEqual(65_535);
      });
      expect(bindings.at(-1)).toBe('read');
      expect(code).toContain(`@binding(${bindings.length - 1}) var<storage, read> part: array<u32, 1>;`);
    }
  });

  it('take all columns at once on software adapters up to the 197 tokens of ViT-B/16, where blocks cost more than they save', () => {
    for (const variant of [everyVariant[0], everyVariant[3]]) {
      if (variant === undefined) throw new Error('A variant is missing.');
      const sizes = (tokens: number) => ({ batch: 1, tokens, heads: 1, headSize: 64 });
      for (const tokens of [24, 50, 65, 77, 197]) expect(takesBlocks(sizes(tokens), variant)).toBe(false);
      expect(takesBlocks(sizes(577), variant)).toBe(true);
    }
  });

  it('take one dispatch at the sizes of ViT-B/32', () => {
    const sizes = { batch: 32, tokens: 50, heads: 12, headSize: 64 };
    const plain = { causal: false, lengths: false, dropout: 0, salt: 0 };
    for (const kernel of attentionBackward(sizes, plain)) expect(kernel.parts).toBeUndefined();
  });

  it('split more sequences than a dimension of a dispatch takes', () => {
    const sizes = { batch: 70_000, tokens: 2, heads: 1, headSize: 4 };
    const { parts } = attentionForward(sizes, { ...options, saveLogSumExp: false });
    expect(parts?.map(({ count }) => count)).toEqual([35_000, 35_000]);
  });

  it('refuse a dropout of one', () => {
    expect(() => attentionForward(shape, { ...options, dropout: 1, saveLogSumExp: false })).toThrow('dropout');
  });
});

function workgroupBytes({ code }: Kernel): number {
  const arrays = [...code.matchAll(/var<workgroup> \w+: array<(?:vec([24])<f32>|f32), (\d+)>;/g)];
  expect(arrays).toHaveLength(code.split('var<workgroup>').length - 1);
  return arrays.reduce((sum, [, width = '1', count]) => sum + 4 * Number(width) * Number(count), 0);
}
