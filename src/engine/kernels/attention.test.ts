import { describe, expect, it } from 'vitest';
import { attentionBackward, attentionForward } from './attention';
import { attentionVariantName, type AttentionVariant } from './attention-problem';

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

describe('attention kernels', () => {
  it('fall back to rows where a head has no whole vectors or a tile does not fit', () => {
    const variant: AttentionVariant = { kind: 'tile', worker: 'quad' };
    for (const other of [
      { ...shape, headSize: 5 },
      { ...shape, tokens: 2000 },
    ]) {
      expect(attentionForward(other, { ...options, saveLogSumExp: false }, variant).label).toMatch(/rows$/);
      for (const kernel of attentionBackward(other, options, variant)) expect(kernel.label).toMatch(/rows$/);
    }
  });

  it('keep within the workgroup memory that every device has', () => {
    for (const tokens of [24, 50, 65, 77, 197, 257, 577]) {
      for (const kernel of attentionBackward({ ...shape, tokens, headSize: 64 }, options)) {
        const sizes = [...kernel.code.matchAll(/var<workgroup> \w+: array<(\w+)<f32>, (\d+)>/g)];
        const bytes = sizes.reduce((sum, [, type, count]) => sum + Number(count) * (type === 'vec4' ? 16 : 8), 0);
        expect(bytes).toBeLessThanOrEqual(16_384);
      }
    }
  });

  it('refuse a dropout of one', () => {
    expect(() => attentionForward(shape, { ...options, dropout: 1, saveLogSumExp: false })).toThrow('dropout');
  });
});
