import { beforeAll, describe, expect, it } from 'vitest';
import { readSafetensors, tensorValues, type StoredTensor } from '../../../model/safetensors';
import type { LoadedModel } from '../../../model/source';
import { packZip } from '../../archive';
import type { BuiltExport } from '../../build';
import { sameValues } from '../../compare';
import { wholeModel } from '../../model';
import * as testing from '../../testing/export';
import { tinyClip } from '../../testing/tiny-clip';
import { unpack } from '../../testing/unpack';
import { openclip } from './format';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

let model: LoadedModel;
let changed: ReadonlyMap<string, Float32Array>;
let built: BuiltExport;
let files: ReadonlyMap<string, Uint8Array>;
let weights: ReadonlyMap<string, StoredTensor>;

async function filesOf(zip: Blob): Promise<Map<string, Uint8Array>> {
  return new Map([...(await unpack(zip))].map(([name, { bytes }]) => [name, bytes]));
}

beforeAll(async () => {
  model = await tinyClip('F16');
  changed = testing.trainedProjections(model);
  built = await testing.exported(openclip, model, 'float32', changed);
  files = await filesOf(built.zip);
  weights = readSafetensors(files.get('open_clip_model.safetensors') ?? new Uint8Array(), 'the export');
});

const readExport = (zip: Blob) => testing.readExport(openclip, zip, built.content);

/** The names and shapes that OpenCLIP gives a CLIP of two blocks a tower. */
function stateDict(): Record<string, number[]> {
  const block = (place: string): [string, number[]][] => [
    [`${place}.ln_1.weight`, [16]],
    [`${place}.ln_1.bias`, [16]],
    [`${place}.attn.in_proj_weight`, [48, 16]],
    [`${place}.attn.in_proj_bias`, [48]],
    [`${place}.attn.out_proj.weight`, [16, 16]],
    [`${place}.attn.out_proj.bias`, [16]],
    [`${place}.ln_2.weight`, [16]],
    [`${place}.ln_2.bias`, [16]],
    [`${place}.mlp.c_fc.weight`, [32, 16]],
    [`${place}.mlp.c_fc.bias`, [32]],
    [`${place}.mlp.c_proj.weight`, [16, 32]],
    [`${place}.mlp.c_proj.bias`, [16]],
  ];
  const blocks = ['transformer', 'visual.transformer'].flatMap((tower) =>
    [0, 1].flatMap((layer) => block(`${tower}.resblocks.${layer}`)),
  );
  return Object.fromEntries<number[]>([
    ['positional_embedding', [32, 16]],
    ['text_projection', [16, 12]],
    ['logit_scale', []],
    ['token_embedding.weight', [4096, 16]],
    ['ln_final.weight', [16]],
    ['ln_final.bias', [16]],
    ['visual.class_embedding', [16]],
    ['visual.positional_embedding', [17, 16]],
    ['visual.proj', [16, 12]],
    ['visual.conv1.weight', [16, 3, 8, 8]],
    ['visual.ln_pre.weight', [16]],
    ['visual.ln_pre.bias', [16]],
    ['visual.ln_post.weight', [16]],
    ['visual.ln_post.bias', [16]],
    ...blocks,
  ]);
}

describe('an export for OpenCLIP', () => {
  it('has the files that OpenCLIP looks for', () => {
    expect([...files.keys()].sort()).toEqual([
      'README.md',
      'merges.txt',
      'open_clip_config.json',
      'open_clip_model.safetensors',
      'special_tokens_map.json',
      'tokenizer.json',
      'tokenizer_config.json',
      'training.json',
      'vocab.json',
    ]);
    const card = decoder.decode(files.get('README.md'));
    expect(card).toContain('library_name: open_clip\n');
    expect(card).toContain('folder = "local-dir:."');
  });

  it('names and shapes tensors as OpenCLIP does', () => {
    expect(Object.fromEntries([...weights].map(([name, { shape }]) => [name, shape]))).toEqual(stateDict());
    expect(new Set([...weights.values()].map(({ dtype }) => dtype))).toEqual(new Set(['F32']));
  });

  it('lays queries, keys and values one below the other, and turns projections round', () => {
    const layer = 'vision_model.encoder.layers.1.self_attn';
    const joined = ['q', 'k', 'v'].flatMap((letter) => [...model.tensors.get(`${layer}.${letter}_proj.weight`)!]);
    expect([...tensorValues(weights.get('visual.transformer.resblocks.1.attn.in_proj_weight')!)]).toEqual(joined);
    const ours = changed.get('text_projection.weight')!;
    const theirs = tensorValues(weights.get('text_projection')!);
    for (let row = 0; row < 12; row++)
      for (let column = 0; column < 16; column++) expect(theirs[12 * column + row]).toBe(ours[16 * row + column]);
  });

  it.each(['float32', 'float16'] as const)('is read back to the tensors of a CLIPModel in %s', async (precision) => {
    const { zip, content } = await testing.exported(openclip, model, precision, changed);
    const { stored, described } = await testing.readExport(openclip, zip, content);
    expect([...stored.keys()].sort()).toEqual([...model.stored.keys()].sort());
    for (const [name, before] of model.stored) {
      expect(stored.get(name)?.shape, name).toEqual(before.shape);
      if (!changed.has(name)) expect(sameValues(before, stored.get(name)!), name).toBe(true);
      else if (precision === 'float32')
        expect([...tensorValues(stored.get(name)!)], name).toEqual([...changed.get(name)!]);
    }
    expect(described.imageProcessor.steps).toBe(model.imageProcessor.steps);
    expect(described.imageProcessor.normalization).toEqual(model.imageProcessor.normalization);
    expect(described.tokenizer.encode('a red apple')).toEqual(model.tokenizer.encode('a red apple'));
  });

  it('is refused when a file is missing or tells of another model', async () => {
    const repacked = (change: (name: string, text: string) => string | null): Promise<Blob> => {
      const pieces = [...files].flatMap(([name, bytes]) => {
        if (name.endsWith('.safetensors')) return change(name, '') === null ? [] : [{ name, bytes }];
        const text = change(name, decoder.decode(bytes));
        return text === null ? [] : [{ name, bytes: encoder.encode(text) }];
      });
      return packZip(
        pieces.map(({ name, bytes }) => ({ name, pieces: [bytes], compress: false })),
        0,
      );
    };
    await readExport(await repacked((_, text) => text));
    for (const missing of files.keys())
      await expect(
        readExport(await repacked((name, text) => (name === missing ? null : text))),
        missing,
      ).rejects.toThrow(missing);
    const config = (change: (text: string) => string) =>
      repacked((name, text) => (name === 'open_clip_config.json' ? change(text) : text));
    const unread = await config((text) => text.replace('"embed_dim"', '"dim"'));
    await expect(readExport(unread)).rejects.toThrow(/open_clip_config\.json cannot be read/);
    const tokenizer = await repacked((name, text) => (name === 'tokenizer_config.json' ? `${text} ` : text));
    await expect(readExport(tokenizer)).rejects.toThrow(/tokenizer_config\.json is not as/);
  });

  it('names the class of the tokenizer where the base does not', async () => {
    for (const leftOut of [[], ['tokenizer_config.json']]) {
      const base = await tinyClip('F16', leftOut);
      const before = base.companions.get('tokenizer_config.json');
      const found = (await filesOf((await testing.exported(openclip, base, 'float32')).zip)).get(
        'tokenizer_config.json',
      );
      if (before === undefined) expect(JSON.parse(decoder.decode(found))).toEqual({ tokenizer_class: 'CLIPTokenizer' });
      else expect(Buffer.compare(found!, before)).toBe(0);
    }
  });

  it('says beforehand what it cannot hold, and what to do', async () => {
    const odd = await tinyClip('F16', [], { vision: { hidden_act: 'gelu' } });
    expect(openclip.obstacle(wholeModel(model, null))).toBeNull();
    expect(openclip.obstacle(wholeModel(odd, null))).toMatch(
      /one kind of activation.*Choose the Hugging Face format\.$/,
    );
    const classifier = { ...wholeModel(model, null), modelClass: 'CLIPForImageClassification' };
    expect(openclip.obstacle(classifier)).toMatch(/holds a whole CLIP, and this is a CLIPForImageClassification/);
    expect(openclip.obstacle({ ...classifier, family: 'siglip' })).toMatch(/timm/);
  });
});
