import { describe, expect, it } from 'vitest';
import { readSafetensors, tensorValues, type StoredTensor } from '../model/safetensors';
import { heldDelta } from '../runs/weight-set';
import { buildExport, fileStem } from './build';
import { sameValues } from './compare';
import { huggingface } from './formats/huggingface/format';
import { wholeModel } from './model';
import * as testing from './testing/export';
import { exportFacts } from './testing/facts';
import { tinyClip } from './testing/tiny-clip';
import { unpack } from './testing/unpack';

const { trainedProjections } = testing;
const exported = testing.exported.bind(null, huggingface);
const readExport = testing.readExport.bind(null, huggingface);

/** Compares quicker than `toEqual`, which takes seconds on large arrays. */
function sameBits(a: Uint8Array | Float32Array, b: Uint8Array | Float32Array): boolean {
  const bytes = [a, b].map(({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength));
  return Buffer.compare(bytes[0]!, bytes[1]!) === 0;
}

/** True where all tensors but some are as they were. */
function unchanged(
  before: ReadonlyMap<string, StoredTensor>,
  after: ReadonlyMap<string, StoredTensor>,
  changed: Iterable<string> = [],
): boolean {
  const except = new Set(changed);
  return [...before].every(([name, tensor]) => except.has(name) || sameValues(tensor, after.get(name)!));
}

describe('buildExport', () => {
  it('packs a model directory, its weights uncompressed', async () => {
    const model = await tinyClip('F16');
    const { zip, fileName, content } = await exported(model, 'float32');
    const files = await unpack(zip);
    expect([...files.keys()].sort()).toEqual([
      'README.md',
      'config.json',
      'merges.txt',
      'model.safetensors',
      'preprocessor_config.json',
      'special_tokens_map.json',
      'tokenizer.json',
      'tokenizer_config.json',
      'training.json',
      'vocab.json',
    ]);
    expect(files.get('model.safetensors')?.method).toBe(0);
    expect(fileName).toBe('shoes-first-try.zip');
    expect(content.model.tensors).toHaveLength(model.stored.size);
    const weights = files.get('model.safetensors')!.bytes;
    expect(new TextDecoder().decode(weights.subarray(8, 60))).toContain('{"__metadata__":{"format":"pt"}');
    expect(sameBits(files.get('tokenizer.json')!.bytes, model.companions.get('tokenizer.json')!)).toBe(true);
  });

  it('gives the configuration the precision of the weights, in every place that names one', async () => {
    const files = await unpack((await exported(await tinyClip('F16'), 'float32')).zip);
    const config = JSON.parse(new TextDecoder().decode(files.get('config.json')?.bytes)) as Record<string, unknown>;
    expect(config).toMatchObject({
      model_type: 'clip',
      architectures: ['CLIPModel'],
      dtype: 'float32',
      projection_dim: 12,
      text_config: { torch_dtype: 'float32', vocab_size: 4096 },
    });
    expect(config).not.toHaveProperty('_name_or_path');
    expect(config['vision_config']).not.toHaveProperty('dtype');
  });

  it.each([
    ['F32', 'float32'],
    ['F16', 'float16'],
    ['F16', 'float32'],
  ] as const)(
    'leaves frozen tensors bit for bit (base %s, export %s) and keeps the trained ones',
    async (dtype, precision) => {
      const model = await tinyClip(dtype);
      const changed = trainedProjections(model);
      const { zip, content } = await exported(model, precision, changed);
      const files = await unpack(zip);
      const stored = readSafetensors(files.get('model.safetensors')!.bytes, 'model.safetensors');
      expect([...stored.keys()].sort()).toEqual([...model.stored.keys()].sort());
      for (const [name, before] of model.stored) {
        const after = stored.get(name)!;
        expect(after.dtype).toBe(precision === 'float32' ? 'F32' : 'F16');
        expect(after.shape, name).toEqual(before.shape);
        const trained = changed.get(name);
        if (trained === undefined) expect(sameBits(tensorValues(after), tensorValues(before)), name).toBe(true);
        else if (precision === 'float32') expect(sameBits(tensorValues(after), trained), name).toBe(true);
        else {
          const rounded = tensorValues(after);
          trained.forEach((value, i) =>
            expect(Math.abs(rounded[i]! - value)).toBeLessThanOrEqual(Math.abs(value) * 2 ** -11 + 1e-7),
          );
        }
      }
      const back = await readExport(zip, content);
      expect(unchanged(model.stored, back.stored, changed.keys())).toBe(true);
      expect(unchanged(model.stored, back.stored)).toBe(false);
    },
  );

  it('does not claim that rounding float32 to float16 changes nothing', async () => {
    const model = await tinyClip('F32');
    const { zip, content } = await exported(model, 'float16');
    const back = await readExport(zip, content);
    expect(unchanged(model.stored, back.stored, trainedProjections(model).keys())).toBe(false);
  });

  it('writes the logit scale as a scalar even where the base has [1]', async () => {
    const model = await tinyClip('F32');
    const odd = new Map(model.stored).set('logit_scale', { ...model.stored.get('logit_scale')!, shape: [1] });
    const { zip, content } = await exported({ ...model, stored: odd }, 'float32', new Map());
    expect((await readExport(zip, content)).stored.get('logit_scale')?.shape).toEqual([]);
  });

  it('refuses weights that diverged, do not fit float16 or belong to another model', async () => {
    const model = await tinyClip('F32');
    const with_ = (name: string, value: number): Map<string, Float32Array> =>
      new Map([[name, Float32Array.from({ length: model.tensors.get('logit_scale')!.length }, () => value)]]);
    await expect(exported(model, 'float32', with_('logit_scale', NaN))).rejects.toThrow(
      /"logit_scale".*lower learning rate/,
    );
    await expect(exported(model, 'float16', with_('logit_scale', 1e5))).rejects.toThrow(/Export as float32/);
    expect(() => wholeModel(model, heldDelta(with_('lora_A', 1)))).toThrow(/"lora_A"/);
  });

  it('exports the base model itself', async () => {
    const model = await tinyClip('F16');
    const facts = { ...exportFacts, run: null, data: null };
    const { zip, content } = await buildExport(huggingface, {
      model: wholeModel(model, null),
      options: { precision: 'float16' },
      facts,
    });
    const back = await readExport(zip, content);
    expect(unchanged(model.stored, back.stored)).toBe(true);
  });
});

it('makes file names that every system takes', () => {
  expect(fileStem('Schöne Grüße / 2026: "best"')).toBe('scho-ne-gru-e-2026-best');
  expect(fileStem('../..')).toBe('fine-tuned-clip');
});
