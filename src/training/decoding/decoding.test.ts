import { expect, test } from 'vitest';
import { decodeTensor, type StoredTensor } from '../../engine/fixtures/load';
import { greedy, type Decoding } from '../../recipe/decoding';
import { decode } from '.';
import fixture from './fixtures/generate.json' with { type: 'json' };
import { candidates, logSumExp } from './scores';
import type { TokenModel } from './token-model';

const floats = (stored: unknown): Float32Array => decodeTensor(stored as StoredTensor).data as Float32Array;
const tables = {
  last: floats(fixture.tables.last),
  before: floats(fixture.tables.before),
  place: floats(fixture.tables.place),
  picture: floats(fixture.tables.picture),
};
const vocabulary = Math.sqrt(tables.last.length);
const pictures = tables.picture.length / vocabulary;
const { prompt, end } = fixture;

/** The toy of the fixture, which keeps what it was told. */
function toy(beams = 1): TokenModel & { readonly calls: () => number } {
  const rows = pictures * beams;
  let texts: number[][] = Array.from({ length: rows }, () => []);
  let calls = 0;
  const model = {
    rows,
    vocabulary,
    calls: () => calls,
    async start(all: readonly number[]) {
      texts = Array.from({ length: rows }, () => []);
      let logits = new Float32Array();
      for (const token of all) logits = await model.next(new Int32Array(rows).fill(token), null);
      calls = 0;
      return logits;
    },
    next(tokens: Int32Array, order: Int32Array | null) {
      calls++;
      texts = texts.map((text, row) => [...(texts[order?.[row] ?? row] ?? text), tokens[row] ?? 0]);
      const logits = new Float32Array(rows * vocabulary);
      texts.forEach((text, row) => {
        const [last = 0, before] = [text.at(-1), text.at(-2)];
        for (let token = 0; token < vocabulary; token++) {
          logits[row * vocabulary + token] =
            tables.last[last * vocabulary + token]! +
            (before === undefined ? 0 : tables.before[before * vocabulary + token]!) +
            tables.place[(text.length - 1) * vocabulary + token]! +
            tables.picture[Math.floor(row / beams) * vocabulary + token]!;
        }
      });
      return Promise.resolve(logits);
    },
  };
  return model;
}

test.each(fixture.cases.map((each) => [each.name, each] as const))(
  '%s: token by token as Transformers',
  async (_, each) => {
    const options: Readonly<Record<string, number | boolean>> = each.options;
    const given = (name: string, usual: number): number => Number(options[name] ?? usual);
    const decoding: Decoding = {
      ...greedy,
      earlyStopping: 'early_stopping' in each.options,
      longest: given('max_new_tokens', 0),
      shortest: given('min_new_tokens', 0),
      beams: given('num_beams', 1),
      lengthPenalty: given('length_penalty', 1),
      repetitionPenalty: given('repetition_penalty', 1),
    };
    const written = await decode(toy(decoding.beams), { prompt, end }, decoding);
    expect(written.map(({ tokens, ended }) => (ended ? [...tokens, end] : tokens))).toEqual(each.texts);
    for (const { tokens, logProbabilities, ended } of written) {
      expect(logProbabilities).toHaveLength(tokens.length + (ended ? 1 : 0));
    }
  },
);

test('no token is asked for that is not needed, and each is told', async () => {
  const model = toy();
  const seen: number[] = [];
  const written = await decode(model, { prompt, end }, { ...greedy, longest: 4 }, (texts) => {
    seen.push(Math.max(...texts.map(({ length }) => length)));
    return Promise.resolve();
  });
  expect(seen).toEqual([1, 2, 3, 4]);
  expect(model.calls()).toBe(3);
  expect(written).toHaveLength(pictures);
});

test.each(fixture.warped)('temperature $temperature, top-k $topK, top-p $topP as Transformers', (each) => {
  const expected = decodeTensor(each.probabilities);
  const scores = floats(fixture.scores);
  for (let row = 0; row < scores.length / vocabulary; row++) {
    const left = new Float32Array(vocabulary);
    const found = candidates(scores.slice(row * vocabulary, (row + 1) * vocabulary), each);
    for (const { token, probability } of found) left[token] = probability;
    left.forEach((value, token) => expect(value).toBeCloseTo(expected.data[row * vocabulary + token] ?? NaN, 5));
  }
});

test('tokens are drawn as often as they are probable, and the same for the same seed', async () => {
  const logits = Float32Array.of(0, 1, 2, -Infinity, 0.5);
  const all = (): Promise<Float32Array> => {
    const rows = new Float32Array(4000 * logits.length);
    for (let row = 0; row < 4000; row++) rows.set(logits, row * logits.length);
    return Promise.resolve(rows);
  };
  const model: TokenModel = { rows: 4000, vocabulary: logits.length, start: all, next: all };
  const draw = (seed: number, topK = 0) =>
    decode(
      model,
      { prompt: [0], end: 3 },
      { ...greedy, longest: 1, sampling: { temperature: 2, topK, topP: 1, seed } },
    );
  const drawn = (await draw(1)).map(({ tokens }) => tokens[0]);
  for (const { token, probability } of candidates(logits, { temperature: 2, topK: 0, topP: 1 })) {
    expect(drawn.filter((each) => each === token).length / drawn.length).toBeCloseTo(probability, 1);
  }
  expect((await draw(1)).map(({ tokens }) => tokens[0])).toEqual(drawn);
  expect((await draw(2)).map(({ tokens }) => tokens[0])).not.toEqual(drawn);
  expect(new Set((await draw(3, 2)).map(({ tokens }) => tokens[0]))).toEqual(new Set([1, 2]));
});

test.each([0, 1, 20, 60, 500])('logarithms of sums of exponentials are exact: logits up to %i', (spread) => {
  const logits = Float32Array.from({ length: 5000 }, (_, i) => spread * Math.sin(12.9898 * i * i));
  logits[7] = -Infinity;
  const most = Math.max(...logits);
  const expected = most + Math.log(logits.reduce((sum, value) => sum + Math.exp(value - most), 0));
  expect(Math.abs(logSumExp(logits) - expected)).toBeLessThan(1e-11);
});
