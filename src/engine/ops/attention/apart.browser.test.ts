import { beforeAll, describe, expect, it } from 'vitest';
import { opCases } from '../../fixtures/load';
import { KernelRunner, noise, relativeError, type TestData } from '../linear/testing';
import { attentionBackward, attentionForward } from './kernels';
import { attentionVariantName, type AttentionOptions, type AttentionShape, type AttentionVariant } from './problem';
import { attentionReference } from './reference';

const variants: readonly AttentionVariant[] = [
  { kind: 'rows' },
  { kind: 'tile', worker: 'lane', lanes: 64 },
  { kind: 'tile', worker: 'lane', lanes: 4 },
  { kind: 'tile', worker: 'quad' },
];

type Floats = Float32Array<ArrayBuffer>;

interface Run {
  readonly shape: AttentionShape & Required<Pick<AttentionShape, 'apart'>>;
  readonly options: AttentionOptions;
  readonly variant: AttentionVariant;
  readonly query: Floats;
  readonly keyValue: Floats;
  readonly dy: Floats;
  /** Lengths or offsets. */
  readonly limits: Int32Array<ArrayBuffer> | null;
}

interface Result {
  readonly y: Float32Array;
  /** Of each sequence. */
  readonly dQuery: Float32Array;
  readonly dKeyValue: Float32Array;
}

let runner: KernelRunner;
beforeAll(async () => {
  runner = await KernelRunner.create();
});

/** Forward and backward; gradients start as NaN, so that an element nobody writes shows. */
async function attend({ shape, options, variant, query, keyValue, dy, limits }: Run): Promise<Result> {
  const rows = new Float32Array(2 * shape.batch * shape.heads * shape.tokens);
  const optional: TestData[] = limits === null ? [] : [limits];
  const forward = attentionForward(shape, { ...options, saveLogSumExp: true }, variant);
  const [first, second] = attentionBackward(shape, options, variant);
  runner.prepare([forward, first, second]);
  const given = [query, keyValue];
  const [y, lse] = await runner.run(forward, [...given, ...optional, new Float32Array(dy.length), rows]);
  if (y === undefined || lse === undefined) throw new Error('The forward kernel wrote too little.');
  const nothing = (length: number): Floats => new Float32Array(length).fill(NaN);
  const [delta, dQuery] = await runner.run(first, [
    ...given,
    new Float32Array(y),
    dy,
    new Float32Array(lse),
    ...optional,
    nothing(dy.length),
  ]);
  if (delta === undefined || dQuery === undefined) throw new Error('The first backward kernel wrote too little.');
  const [dKeyValue] = await runner.run(second, [
    ...given,
    dy,
    new Float32Array(delta),
    ...optional,
    nothing(keyValue.length),
  ]);
  if (dKeyValue === undefined) throw new Error('The second backward kernel wrote too little.');
  return { y, dQuery, dKeyValue };
}

describe.each(variants.map((variant) => ({ variant, name: attentionVariantName(variant) })))(
  'attention to keys apart, $name',
  ({ variant }) => {
    for (const { name, attributes, inputs, y, dy, gradients } of opCases('attention')) {
      const { query, keyValue, lengths, offsets } = inputs;
      if (query === undefined || keyValue === undefined || dy === null) continue;
      it(`${name}, against PyTorch`, async () => {
        const { batch, tokens, heads, headSize, keys } = attributes as unknown as AttentionShape & { keys: number };
        const sharedQueries = query.data.length < dy.data.length;
        const limits = lengths ?? offsets;
        const result = await attend({
          shape: { batch, tokens, heads, headSize, apart: { keys, sharedQueries } },
          options: {
            causal: attributes['causal'] === true,
            lengths: lengths !== undefined,
            offsets: offsets !== undefined,
            dropout: 0,
            salt: 0,
          },
          variant,
          query: query.data as Floats,
          keyValue: keyValue.data as Floats,
          dy: dy.data,
          limits: limits === undefined ? null : (limits.data as Int32Array<ArrayBuffer>),
        });
        expect(relativeError(result.y, y.data)).toBeLessThan(1e-5);
        expect(relativeError(result.dKeyValue, gradients['keyValue']?.data ?? [])).toBeLessThan(1e-5);
        const expected = gradients['query']?.data ?? new Float32Array();
        const summed = expected.map((_, at) => {
          let sum = 0;
          for (let from = at; from < result.dQuery.length; from += expected.length) sum += result.dQuery[from] ?? NaN;
          return sum;
        });
        expect(relativeError(summed, expected)).toBeLessThan(1e-5);
      });
    }

    it.each([
      { keys: 70, last: 5 },
      { keys: 300, last: 21 },
    ])('gives the last $last of $keys tokens what attention of all of them gives', async ({ keys, last }) => {
      const [batch, heads, headSize] = [2, 1, 8];
      const width = heads * headSize;
      const qkv = noise(batch * keys * 3 * width, 1);
      const first = keys - last;
      const rowsOf = (x: ArrayLike<number>, row: number, from: number, to: number, start: number): Floats =>
        Float32Array.from({ length: batch * (keys - start) * (to - from) }, (_, i) => {
          const token = Math.floor(i / (to - from));
          const sequence = Math.floor(token / (keys - start));
          return x[(sequence * keys + start + (token % (keys - start))) * row + from + (i % (to - from))] ?? NaN;
        });
      const allDy = noise(batch * keys * width, 2).map((value, i) =>
        Math.floor(i / width) % keys < first ? 0 : value,
      );
      const together = { batch, tokens: keys, heads, headSize, causal: true, lengths: null, qkv };
      const expected = attentionReference(together, allDy);
      const result = await attend({
        shape: { batch, tokens: last, heads, headSize, apart: { keys, sharedQueries: false } },
        options: { causal: true, lengths: false, offsets: true, dropout: 0, salt: 0 },
        variant,
        query: rowsOf(qkv, 3 * width, 0, width, first),
        keyValue: rowsOf(qkv, 3 * width, width, 3 * width, 0),
        dy: rowsOf(allDy, width, 0, width, first),
        limits: new Int32Array(batch).fill(first),
      });
      expect(relativeError(result.y, rowsOf(expected.y, width, 0, width, first))).toBeLessThan(1e-5);
      expect(relativeError(result.dQuery, rowsOf(expected.dQkv, 3 * width, 0, width, first))).toBeLessThan(1e-5);
      expect(relativeError(result.dKeyValue, rowsOf(expected.dQkv, 3 * width, width, 3 * width, 0))).toBeLessThan(1e-5);
    });
  },
);
