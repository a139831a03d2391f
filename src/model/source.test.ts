import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import type { ModelFiles } from './files';
import { encodeTensor, readSafetensors, type StoredTensor } from './safetensors';
import { writeSafetensors } from './testing/safetensors';
import { openModel } from './source';

const folder = new URL('../../public/models/seed-clip/', import.meta.url);

/** The embedded model's files, some of them replaced or, with null, missing. */
function embedded(changes: Readonly<Record<string, string | Uint8Array | null>> = {}): ModelFiles {
  return {
    place: 'the test folder',
    async read(name) {
      if (Object.hasOwn(changes, name)) {
        const change = changes[name] ?? null;
        return typeof change === 'string' ? new TextEncoder().encode(change) : change && new Uint8Array(change);
      }
      try {
        return new Uint8Array(await readFile(new URL(name, folder)));
      } catch {
        return null;
      }
    },
  };
}

describe('openModel', () => {
  test('opens the embedded model', async () => {
    const model = await openModel(embedded());
    expect(model.architecture.image.side).toBe(64);
    expect(model.tensors.get('visual_projection.weight')?.length).toBe(192 * 192);
    expect(model.bytes).toBeLessThan(12e6);
    const { ids } = model.tokenizer.encode('a red apple');
    expect(ids[0]).toBe(4094);
    expect(ids.at(-1)).toBe(4095);
    expect(model.tokenizer.encode('apple '.repeat(50))).toMatchObject({ truncated: true, ids: { length: 32 } });
  });

  test('reads the tokenizer from vocab.json and merges.txt alike', async () => {
    const whole = await openModel(embedded());
    const parts = await openModel(embedded({ 'tokenizer.json': null }));
    for (const caption of ['Grinning  Face', "the dog's café, 2 ½!", '', '🦊 naïve 中文'] as const) {
      expect(parts.tokenizer.encode(caption)).toEqual(whole.tokenizer.encode(caption));
    }
  });

  test.each([
    ['no configuration', { 'config.json': null }, /no config\.json at the test folder/],
    ['a configuration that is no JSON', { 'config.json': '<html>' }, /config\.json is no JSON/],
    ['another kind of model', { 'config.json': '{"model_type":"bert"}' }, /type "bert"/],
    ['no weights', { 'model.safetensors': null }, /no model\.safetensors .*pytorch_model\.bin/],
    ['weights cut short', { 'model.safetensors': new Uint8Array(100) }, /model\.safetensors is not a sound/],
    [
      'weights of another size',
      { 'config.json': '{"model_type":"clip"}', 'preprocessor_config.json': null },
      /Check that both files belong together/,
    ],
    ['no tokenizer', { 'tokenizer.json': null, 'merges.txt': null }, /tokenizer\.json|vocab\.json|merges\.txt/],
    ['a tokenizer without vocabulary', { 'tokenizer.json': '{}' }, /tokenizer\.json/],
    ['pictures of another size', { 'preprocessor_config.json': '{"size":224,"crop_size":224}' }, /64 pixels/],
  ])('%s is refused with the reason', async (_, changes, message) => {
    await expect(openModel(embedded(changes))).rejects.toThrow(message);
  });
});

/** The embedded model with its files parsed and changed. */
async function parsed(name: string): Promise<Record<string, Record<string, unknown>>> {
  return JSON.parse(await readFile(new URL(name, folder), 'utf8')) as Record<string, Record<string, unknown>>;
}

async function weights(change: (tensor: StoredTensor) => readonly StoredTensor[]): Promise<Uint8Array> {
  const bytes = new Uint8Array(await readFile(new URL('model.safetensors', folder)));
  return writeSafetensors([...readSafetensors(bytes, 'model.safetensors').values()].flatMap(change));
}

describe('what Transformers reads is read', () => {
  test('processor_config.json counts and is passed on', async () => {
    const preprocessor = await parsed('preprocessor_config.json');
    const nested = { image_processor: { ...preprocessor, image_mean: [0.5, 0.5, 0.5], image_std: [0.5, 0.5, 0.5] } };
    const model = await openModel(embedded({ 'processor_config.json': JSON.stringify(nested) }));
    expect(model.imageProcessor.normalization.mean).toEqual([0.5, 0.5, 0.5]);
    expect(model.notes).toEqual([]);
    const { companions } = await openModel(
      embedded({ 'processor_config.json': JSON.stringify(nested), 'preprocessor_config.json': null }),
    );
    expect([...companions.keys()]).toContain('processor_config.json');
    expect([...companions.keys()]).not.toContain('preprocessor_config.json');
  });

  test('without a file that says how pictures are processed, the user is told, and the export gets one', async () => {
    const model = await openModel(embedded({ 'preprocessor_config.json': null }));
    expect(model.notes.join()).toMatch(/neither processor_config\.json nor preprocessor_config\.json/);
    expect(new TextDecoder().decode(model.companions.get('preprocessor_config.json'))).toMatch(/"shortest_edge": 64/);
  });

  test('tensors with a clip. before their names, and unneeded ones of any type', async () => {
    const extra: StoredTensor = { name: 'scales', dtype: 'F8_E4M3', shape: [3], bytes: new Uint8Array(3) };
    const prefixed = await weights((tensor) => [
      { ...tensor, name: `clip.${tensor.name}` },
      ...(tensor.name === 'logit_scale' ? [extra] : []),
    ]);
    const model = await openModel(embedded({ 'model.safetensors': prefixed }));
    const whole = await openModel(embedded());
    expect([...model.stored.keys()]).toEqual([...whole.stored.keys()]);
    expect(model.stored.get('logit_scale')).toEqual(whole.stored.get('logit_scale'));
  });

  test.each([
    [
      'a needed tensor of F8',
      'F8_E4M3',
      /model\.safetensors holds "text_projection\.weight" as F8_E4M3, which cannot be trained on/,
    ],
    ['a needed tensor of integers', 'I8', /holds "text_projection\.weight" as I8/],
  ])('%s is refused', async (_, dtype, message) => {
    const changed = await weights((tensor) =>
      tensor.name === 'text_projection.weight' ? [{ ...tensor, dtype, bytes: new Uint8Array(192 * 192) }] : [tensor],
    );
    await expect(openModel(embedded({ 'model.safetensors': changed }))).rejects.toThrow(message);
  });

  test('a model without a text tower is told by its tensors', async () => {
    const changed = await weights((tensor) => (tensor.name.startsWith('text_model.') ? [] : [tensor]));
    await expect(openModel(embedded({ 'model.safetensors': changed }))).rejects.toThrow(
      /holds no text tower: none of its tensors begins with text_model\./,
    );
  });
});

describe('tensors with the names of another program are told', () => {
  test.each([
    [
      'visual.transformer.resblocks.0.attn.in_proj_weight',
      /names its tensors as OpenAI’s and OpenCLIP’s own code does/,
    ],
    ['base_model.model.text_projection.lora_A.weight', /holds an adapter \(LoRA\)/],
    ['something.else', /lacks the tensor "vision_model\./],
  ])('%s', async (name, message) => {
    const file = writeSafetensors([encodeTensor(name, [1], new Float32Array(1), 'F32')]);
    await expect(openModel(embedded({ 'model.safetensors': file }))).rejects.toThrow(message);
  });
});

describe('tokenizer and model are compared', () => {
  test('an id beyond the token table is refused with both numbers and files', async () => {
    const config = await parsed('config.json');
    config['text_config']!['vocab_size'] = 4090;
    await expect(openModel(embedded({ 'config.json': JSON.stringify(config) }))).rejects.toThrow(
      /^tokenizer\.json gives tokens ids up to 4095, but the token table of the model has 4090 rows.*config\.json/,
    );
  });

  test('so is an added token that has no row', async () => {
    const files = embedded({ 'tokenizer.json': null, 'added_tokens.json': '{"<sks>": 4096}' });
    await expect(openModel(files)).rejects.toThrow(/^added_tokens\.json gives tokens ids up to 4096.*4096 rows/);
  });

  test('an added token with a row is one id, and its file is passed on', async () => {
    const config = await parsed('config.json');
    config['text_config']!['vocab_size'] = 4097;
    const table = 'text_model.embeddings.token_embedding.weight';
    const changed = await weights((tensor) =>
      tensor.name === table ? [encodeTensor(table, [4097, 192], new Float32Array(4097 * 192), 'F16')] : [tensor],
    );
    const model = await openModel(
      embedded({
        'config.json': JSON.stringify(config),
        'model.safetensors': changed,
        'tokenizer.json': null,
        'added_tokens.json': '{"<sks>": 4096}',
      }),
    );
    expect(model.tokenizer.encode('a photo of <sks>').ids.slice(-2)).toEqual([4096, 4095]);
    expect([...model.companions.keys()]).toContain('added_tokens.json');
    expect(model.notes).toEqual([]);
  });

  test.each([
    [
      'none',
      undefined,
      /looks for the end token 49407 .*ends captions with 4095.*Set text_config\.eos_token_id to 4095/,
    ],
    ['another', 17, /looks for the end token 17 .*ends captions with 4095/],
  ])('an end token that is not the tokenizer’s is told: %s', async (_, id, message) => {
    const config = await parsed('config.json');
    config['text_config']!['eos_token_id'] = id;
    const model = await openModel(embedded({ 'config.json': JSON.stringify(config) }));
    expect(model.notes).toHaveLength(1);
    expect(model.notes[0]).toMatch(message);
  });

  test('the old id 2 is fine where the end token is the highest', async () => {
    const config = await parsed('config.json');
    config['text_config']!['eos_token_id'] = 2;
    expect((await openModel(embedded({ 'config.json': JSON.stringify(config) }))).notes).toEqual([]);
  });
});

describe('what is no CLIP model is named', () => {
  const bare = (files: Readonly<Record<string, string>>): ModelFiles => ({
    place: 'the chosen folder',
    names: Object.keys(files),
    read: (name) => Promise.resolve(files[name] === undefined ? null : new TextEncoder().encode(files[name])),
  });
  const clip = '{"model_type":"clip"}';

  test.each([
    [
      'a LoRA adapter',
      {
        'adapter_config.json': '{"peft_type":"LORA","base_model_name_or_path":"openai/clip"}',
        'adapter_model.safetensors': '',
      },
      /an adapter \(LORA, adapter_config\.json\) of openai\/clip.*Merge it first/,
    ],
    ['an adapter beside a configuration', { 'config.json': clip, 'adapter_model.safetensors': '' }, /an adapter/],
    ['an OpenCLIP model', { 'open_clip_config.json': '{}', 'open_clip_model.safetensors': '' }, /an OpenCLIP model/],
    ['a pipeline of Diffusers', { 'model_index.json': '{}' }, /Diffusers \(model_index\.json\)/],
    [
      'a model of sentence-transformers',
      { 'modules.json': '[{"path":"0_CLIPModel","type":"sentence_transformers.models.CLIPModel"}]' },
      /Its CLIP lies in the folder 0_CLIPModel: open that folder/,
    ],
    ['a text model of sentence-transformers', { 'modules.json': '[]' }, /holds no CLIP/],
    [
      'weights of PyTorch',
      { 'config.json': clip, 'pytorch_model.bin': '' },
      /as pytorch_model\.bin only.*save_pretrained/,
    ],
    ['ONNX', { 'config.json': clip, 'model_quantized.onnx': '' }, /as ONNX only \(model_quantized\.onnx\)/],
    ['GGUF', { 'clip-q4.gguf': '' }, /as GGUF only \(clip-q4\.gguf\)/],
    ['weights of TensorFlow', { 'config.json': clip, 'tf_model.h5': '' }, /as tf_model\.h5 only/],
    [
      'an image classifier',
      { 'config.json': '{"model_type":"clip","architectures":["CLIPForImageClassification"]}' },
      /an image classifier \(CLIPForImageClassification\).*without a text tower/,
    ],
    [
      'a tower under the configuration of both',
      { 'config.json': '{"model_type":"clip","architectures":["CLIPVisionModelWithProjection"]}' },
      /the image tower of a CLIP alone/,
    ],
    ['SigLIP 2 for any shape', { 'config.json': '{"model_type":"siglip2"}' }, /of type "siglip2" \(SigLIP 2/],
    ['any other model', { 'config.json': '{"model_type":"whisper"}' }, /a model of type "whisper"/],
  ])('%s', async (_, files, message) => {
    await expect(openModel(bare(files))).rejects.toThrow(message);
    await expect(openModel(bare(files))).rejects.toMatchObject({ name: 'ModelError', code: 'unsupported' });
  });

  test('weights under another name are pointed at', async () => {
    const changes = { 'model.safetensors': null };
    const files = { ...embedded(changes), names: ['config.json', 'tokenizer.json', 'clip.safetensors'] };
    await expect(openModel(files)).rejects.toThrow(/The weights seem to be clip\.safetensors.*rename it/);
  });

  test('a hub is asked for what marks another kind of model only when something is missing', async () => {
    const asked: string[] = [];
    const exists = (name: string) => Promise.resolve(asked.push(name) > 0 && name === 'open_clip_config.json');
    await openModel({ ...embedded(), exists });
    expect(asked).toEqual([]);
    const opening = openModel({ ...embedded({ 'model.safetensors': null }), exists });
    await expect(opening).rejects.toThrow(/an OpenCLIP model/);
  });
});
