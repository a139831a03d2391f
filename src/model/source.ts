import type { TensorMap } from '../engine/executor';
import { licenseFile, readModelCard, type ModelCard } from './card';
import { parseClipConfig, type ClipConfig } from './clip/config';
import { clipTensors } from './clip/groups';
import { pixelSide } from './clip/stages';
import { ModelError } from './errors';
import type { ModelFiles } from './files';
import { createImageProcessor, type ImageProcessor } from './image-processor';
import { parseShardIndex, readSafetensors, tensorValues, type StoredTensor } from './safetensors';
import { createTokenizer, type ClipTokenizer } from './tokenizer';

/** A CLIP model as it was opened: nothing of it is ever written to. */
export interface LoadedModel {
  readonly config: ClipConfig;
  /** Every tensor that the model computes with, as stored. */
  readonly stored: ReadonlyMap<string, StoredTensor>;
  /** The same as float32, converted on each `get`. */
  readonly tensors: TensorMap;
  readonly tokenizer: ClipTokenizer;
  readonly imageProcessor: ImageProcessor;
  /** The files besides the weights, byte for byte, for exports. */
  readonly companions: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
  /** Bytes of the weights as stored. */
  readonly bytes: number;
  /** What the model's own card says. */
  readonly card: ModelCard;
}

const weightsFile = 'model.safetensors';
const indexFile = 'model.safetensors.index.json';
const companionNames = [
  'config.json',
  'preprocessor_config.json',
  'tokenizer.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
  'vocab.json',
  'merges.txt',
] as const;

/**
 * Opens a CLIP model in the Hugging Face layout.
 *
 * @throws ModelError when a file is missing, damaged or of another kind of model
 */
export async function openModel(files: ModelFiles): Promise<LoadedModel> {
  const companions = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const name of companionNames) {
    const bytes = await files.read(name);
    if (bytes !== null) companions.set(name, bytes);
    else if (name === 'config.json') throw missing(files, name);
  }
  const json = (name: string): unknown => parseJson(companions.get(name), name);
  const config = parseClipConfig(json('config.json'));
  const tokenizer = createTokenizer(
    {
      tokenizer: json('tokenizer.json'),
      vocab: json('vocab.json'),
      merges: text(companions.get('merges.txt')),
      tokenizerConfig: json('tokenizer_config.json'),
      specialTokens: json('special_tokens_map.json'),
    },
    config.text.maxPositions,
  );
  const imageProcessor = createImageProcessor(
    json('preprocessor_config.json'),
    config.vision.imageSize,
    pixelSide(config),
  );
  const card = readModelCard(text(await files.read('README.md')));
  await addLicense(companions, files, licenseFile(card));
  const stored = await readWeights(files, config);
  return {
    config,
    stored,
    tensors: new DecodedTensors(stored),
    tokenizer,
    imageProcessor,
    companions,
    bytes: [...stored.values()].reduce((sum, { bytes }) => sum + bytes.length, 0),
    card,
  };
}

/** Texts that go wherever the model goes. The second is sought only beside the first: few models have one. */
const licenseNames = ['LICENSE', 'LICENSE.md', 'LICENSE.txt'] as const;
const noticeName = 'NOTICE';

/**
 * Adds the text of the licence to the companions, where the model has one.
 *
 * @param linked the file that the model's card names
 */
async function addLicense(
  companions: Map<string, Uint8Array<ArrayBuffer>>,
  files: ModelFiles,
  linked: string | null,
): Promise<void> {
  for (const name of linked === null ? licenseNames : [linked]) {
    const bytes = await readOptional(files, name);
    if (bytes === null) continue;
    companions.set(name, bytes);
    const notice = await readOptional(files, noticeName);
    if (notice !== null) companions.set(noticeName, notice);
    return;
  }
}

/** A file that the model opens without: an empty one, or a server's page in its place, counts as none. */
async function readOptional(files: ModelFiles, name: string): Promise<Uint8Array<ArrayBuffer> | null> {
  try {
    return await files.read(name);
  } catch (error) {
    if (error instanceof ModelError) return null;
    throw error;
  }
}

async function readWeights(files: ModelFiles, config: ClipConfig): Promise<ReadonlyMap<string, StoredTensor>> {
  const available = new Map<string, StoredTensor>();
  const single = await files.read(weightsFile);
  if (single !== null) {
    for (const [name, tensor] of readSafetensors(single, weightsFile)) available.set(name, tensor);
  } else {
    const index = await files.read(indexFile);
    if (index === null) throw missing(files, weightsFile);
    for (const shard of new Set(parseShardIndex(parseJson(index, indexFile), indexFile).values())) {
      const bytes = await files.read(shard);
      if (bytes === null) throw missing(files, shard);
      for (const [name, tensor] of readSafetensors(bytes, shard)) available.set(name, tensor);
    }
  }
  const wanted = new Map<string, StoredTensor>();
  for (const { name, shape } of clipTensors(config)) {
    const tensor = available.get(name);
    if (tensor === undefined) {
      throw new ModelError(
        'missing',
        `${weightsFile} lacks the tensor "${name}", which a CLIP model of this config.json needs. Check that both files belong together.`,
        { file: weightsFile },
      );
    }
    if (!sameShape(tensor.shape, shape)) {
      throw new ModelError(
        'invalid',
        `"${name}" in ${weightsFile} is [${tensor.shape.join(', ')}], but config.json asks for [${shape.join(', ')}]. Check that both files belong together.`,
        { file: weightsFile },
      );
    }
    wanted.set(name, tensor);
  }
  return wanted;
}

/** Some checkpoints keep the logit scale as `[1]` instead of a scalar. */
function sameShape(stored: readonly number[], wanted: readonly number[]): boolean {
  if (wanted.length === 0) return stored.every((extent) => extent === 1);
  return stored.length === wanted.length && stored.every((extent, axis) => extent === wanted[axis]);
}

function missing(files: ModelFiles, name: string): ModelError {
  const advice = name.endsWith('.safetensors')
    ? 'Vernier reads weights in safetensors form. Where a repository has only pytorch_model.bin, open a revision with model.safetensors, such as a converting pull request of the model on its hub (owner/name@refs/pr/15), or save the model again with Transformers (save_pretrained) and open that folder.'
    : 'Check that the name or folder is that of a model in the Hugging Face layout.';
  return new ModelError('missing', `There is no ${name} at ${files.place}. ${advice}`, { file: name });
}

function parseJson(bytes: Uint8Array | undefined, name: string): unknown {
  if (bytes === undefined) return undefined;
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown;
  } catch (cause) {
    throw new ModelError('invalid', `${name} is no JSON file. Download it again.`, { file: name, cause });
  }
}

function text(bytes: Uint8Array | null | undefined): string | undefined {
  return bytes ? new TextDecoder().decode(bytes) : undefined;
}

/** Tensors converted to float32 when asked for, so that a large checkpoint is not held twice. */
class DecodedTensors implements ReadonlyMap<string, Float32Array> {
  constructor(private readonly stored: ReadonlyMap<string, StoredTensor>) {}

  get size(): number {
    return this.stored.size;
  }

  get(name: string): Float32Array<ArrayBuffer> | undefined {
    const tensor = this.stored.get(name);
    return tensor && tensorValues(tensor);
  }

  has(name: string): boolean {
    return this.stored.has(name);
  }

  keys(): MapIterator<string> {
    return this.stored.keys();
  }

  *entries(): MapIterator<[string, Float32Array]> {
    for (const [name, tensor] of this.stored) yield [name, tensorValues(tensor)];
  }

  *values(): MapIterator<Float32Array> {
    for (const [, values] of this.entries()) yield values;
  }

  forEach(callback: (values: Float32Array, name: string, map: ReadonlyMap<string, Float32Array>) => void): void {
    for (const [name, values] of this.entries()) callback(values, name, this);
  }

  [Symbol.iterator](): MapIterator<[string, Float32Array]> {
    return this.entries();
  }
}
