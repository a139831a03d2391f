// @module-tag slow

import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { ModelError } from './errors';
import type { ModelFiles } from './files';
import stored from './fixtures/tokenizer.json';
import { readSafetensors } from './safetensors';
import { clipTokenizer } from './families/clip/tokenizer';
import { openModel } from './source';
import { createTokenizer } from './tokenizer';

/**
 * Files of models, changed at random but the same at every run. Whatever lies in a file, opening it works or ends in a `ModelError` that names the
 * file, within two seconds.
 */

const folder = new URL('../../public/models/seed-clip/', import.meta.url);
const companions = [
  'config.json',
  'preprocessor_config.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
] as const;

/** Whole numbers below `limit`, the same for the same seed (mulberry32). */
function below(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}

const oddities: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  2,
  0.5,
  1e300,
  2 ** 53,
  '',
  'a',
  '(a+)+$',
  '(?',
  '\ud800',
  '__proto__',
  [],
  [[]],
  {},
  { type: 'Sequence' },
  { Regex: '(\\w+\\s?)+$' },
  { String: '' },
];

type Random = ReturnType<typeof below>;

/** A copy of `json` with one part replaced, left out, doubled or moved. Large objects are copied once and not looked through. */
function changed(json: unknown, random: Random): unknown {
  const odd = () => structuredClone(oddities[random(oddities.length)]);
  if (typeof json !== 'object' || json === null || random(12) === 0) return odd();
  const copy: unknown[] | Record<string, unknown> = Array.isArray(json)
    ? [...(json as unknown[])]
    : { ...(json as Record<string, unknown>) };
  const keys = Object.keys(copy);
  const key = keys[random(Math.max(1, keys.length))];
  const parts = copy as Record<string, unknown>;
  switch (random(key === undefined ? 1 : 8)) {
    case 0:
      parts[String(oddities[random(oddities.length)])] = odd();
      break;
    case 1:
      if (key !== undefined) delete parts[key];
      break;
    case 2:
      if (key !== undefined) parts[key] = parts[keys[random(keys.length)] ?? key];
      break;
    default:
      if (key !== undefined) parts[key] = changed(parts[key], random);
  }
  return copy;
}

function isObject(value: unknown): value is { readonly model?: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Runs `open` and tells what went wrong with how it ended. */
async function wrongWith(open: () => unknown): Promise<string | null> {
  const began = performance.now();
  let wrong: string | null = null;
  try {
    await open();
  } catch (error) {
    if (!(error instanceof ModelError)) wrong = error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
  const took = performance.now() - began;
  return wrong ?? (took > 2000 ? `It took ${took.toFixed(0)} ms.` : null);
}

async function expectSound(count: number, seed: number, attempt: (random: Random) => unknown): Promise<void> {
  for (let round = 0; round < count; round++) {
    const wrong = await wrongWith(() => attempt(below(seed + round)));
    expect(wrong, `round ${round}`).toBeNull();
  }
}

test('headers of safetensors files', async () => {
  const header = {
    __metadata__: { format: 'pt' },
    a: { dtype: 'F32', shape: [2, 2], data_offsets: [0, 16] },
    b: { dtype: 'F16', shape: [4], data_offsets: [16, 24] },
    c: { dtype: 'F8_E4M3', shape: [], data_offsets: [24, 25] },
  };
  await expectSound(1000, 1, (random) => {
    const json = new TextEncoder().encode(JSON.stringify(changed(header, random)));
    for (let times = random(3); times > 0 && json.length > 0; times--) json[random(json.length)] = random(256);
    const file = new Uint8Array(8 + json.length + 25);
    new DataView(file.buffer).setBigUint64(0, BigInt(random(8) === 0 ? random(2 ** 31) : json.length), true);
    file.set(json, 8);
    readSafetensors(file.subarray(0, random(8) === 0 ? random(file.length) : file.length), 'model.safetensors');
  });
});

test('tokenizers', async () => {
  const { tokenizer: definition, vocab, merges, maxTokens } = stored;
  const { vocab: words, merges: pairs, ...model } = definition.model;
  await expectSound(600, 10_000, (random) => {
    // The vocabulary is left alone most of the time, so that changes meet the parts that are read after it.
    const steps = changed({ ...definition, model }, random);
    const whole = isObject(steps) && isObject(steps.model) ? { vocab: words, merges: pairs, ...steps.model } : null;
    const tokenizer =
      random(4) === 0 ? changed(definition, random) : isObject(steps) && whole ? { ...steps, model: whole } : steps;
    const tokenizerConfig = changed(
      { added_tokens_decoder: { 5: { content: 'a' } }, eos_token: '<|endoftext|>' },
      random,
    );
    const files = random(2) === 0 ? { tokenizer } : { vocab: changed(vocab, random), merges, tokenizerConfig };
    createTokenizer(files, maxTokens, clipTokenizer).encode('A photo of 2 “red” cats!');
  });
});

test('the other files of a model', async () => {
  const read = async (name: string) => new Uint8Array(await readFile(new URL(name, folder)));
  const sound = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const name of [...companions, 'model.safetensors']) sound.set(name, await read(name));
  // A small one, as it is read every time.
  sound.set('tokenizer.json', new TextEncoder().encode(JSON.stringify(stored.tokenizer)));
  await expectSound(400, 20_000, (random) => {
    const name = companions[random(companions.length)] ?? 'config.json';
    const json: unknown = JSON.parse(new TextDecoder().decode(sound.get(name)));
    const place = random(6) === 0 ? 'processor_config.json' : name;
    const bytes = new TextEncoder().encode(JSON.stringify(changed(changed(json, random), random)) ?? '');
    const files: ModelFiles = {
      place: 'the test',
      read: (asked) => Promise.resolve(asked === place ? bytes : (sound.get(asked) ?? null)),
    };
    return openModel(files);
  });
});
