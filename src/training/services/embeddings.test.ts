import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encode } from 'fast-png';
import { describe, expect, it } from 'vitest';
import { createTfjsExecutor } from '../../engine/tfjs/executor';
import { DecodedTensors } from '../../model/decoded-tensors';
import type { LoadedModel } from '../../model/source';
import { heldDelta } from '../../runs/weight-set';
import { DeviceLock } from '../device-lock';
import { Encoder } from '../features/encoder';
import type { ModelHandle } from '../model-handle';
import { exportFormats } from '../../export/formats/writing';
import { exported, readExport } from '../../export/testing/export';
import { randomValues, tinyClip, tinySide } from '../../export/testing/tiny-clip';
import { tinySiglip } from '../../export/testing/tiny-siglip';
import { unpack } from '../../export/testing/unpack';

const captions = ['a red shoe', 'Two DOGS  running!', 'café “déjà vu” 🦊', ''];

/** Noise at the model's own size, so that no resampling comes between. */
function noise(seed: number): Uint8Array {
  const random = randomValues(seed);
  return Uint8Array.from({ length: 3 * tinySide * tinySide }, () => 127.5 + 127.5 * random());
}
const pictures = [1, 2, 3].map(noise);

function handle(model: LoadedModel): ModelHandle {
  return {
    id: 'local/tiny',
    architecture: model.architecture,
    tensors: model.tensors,
    normalization: model.imageProcessor.normalization,
    tokenize: (caption) => model.tokenizer.encode(caption),
    words: (ids) => model.tokenizer.decode(ids),
    preprocess: (image) => model.imageProcessor.process(image),
    preprocessing: model.imageProcessor.steps,
  };
}

async function embed(
  model: LoadedModel,
  changed: ReadonlyMap<string, Float32Array>,
): Promise<Record<'text' | 'image', Float32Array>> {
  const executor = await createTfjsExecutor('tfjs-cpu');
  const encoder = await Encoder.create(handle(model), heldDelta(changed), executor, new DeviceLock());
  const text = await encoder.texts(captions);
  const image = await encoder.images(pictures.length, (index) => Promise.resolve(pictures[index]!));
  await encoder.dispose();
  return { text, image };
}

const folder = join('out', 'export-check');

/** Leaves an export under `out/export-check`, where `reference/check_export.py` opens it. */
async function leaveExport(name: string, zip: Blob): Promise<void> {
  await mkdir(join(folder, name), { recursive: true });
  for (const [file, { bytes }] of await unpack(zip)) await writeFile(join(folder, name, file), bytes);
}

/** Leaves what the exports must compute beside them. */
async function leaveEmbeddings(file: string, embeddings: Record<'text' | 'image', Float32Array>): Promise<void> {
  const rows = (values: Float32Array, count: number): number[][] =>
    Array.from({ length: count }, (_, row) => [
      ...values.subarray((row * values.length) / count, ((row + 1) * values.length) / count),
    ]);
  const png = (data: Uint8Array): string =>
    Buffer.from(encode({ width: tinySide, height: tinySide, data, channels: 3 })).toString('base64');
  const record = {
    texts: captions,
    text_embeds: rows(embeddings.text, captions.length),
    images_png: pictures.map(png),
    image_embeds: rows(embeddings.image, pictures.length),
  };
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, file), JSON.stringify(record));
}

const models = [
  // Each with the formats that hold it, and where what it computes is left.
  ['CLIP', await tinyClip('F16'), ['huggingface', 'openclip'], 'embeddings.json'],
  ['SigLIP', await tinySiglip(), ['huggingface'], 'siglip-embeddings.json'],
] as const;

describe.each(models)('of a %s', (family, model, formats, file) => {
  const random = randomValues(3);
  const changed = new Map(
    [...model.stored.keys()].map((name) => [name, model.tensors.get(name)!.map((value) => value + 0.05 * random())]),
  );

  it.each(formats)('an export as %s, read back, gives the embeddings of the trained model', async (name) => {
    const format = exportFormats[name];
    const trained = await embed(model, changed);
    await leaveEmbeddings(file, trained);
    const { zip, content } = await exported(format, model, 'float32', changed);
    const { described, stored } = await readExport(format, zip, content);
    const back = await embed({ ...model, ...described, stored, tensors: new DecodedTensors(stored) }, new Map());
    const base = await embed(model, new Map());
    for (const kind of ['text', 'image'] as const) {
      const difference = trained[kind].reduce((most, value, i) => Math.max(most, Math.abs(value - back[kind][i]!)), 0);
      expect(difference).toBe(0);
      expect(base[kind].some((value, i) => Math.abs(value - trained[kind][i]!) > 0.01)).toBe(true);
    }
    await leaveExport(family === 'CLIP' ? name : 'siglip', zip);
  });
});
