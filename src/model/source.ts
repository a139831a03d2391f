import type { TensorMap } from '../engine/executor';
import { licenseFile, readModelCard, type ModelCard } from './card';
import { compareTokens } from './compare-tokens';
import { DecodedTensors } from './decoded-tensors';
import { ModelError } from './errors';
import { openArchitecture } from './families';
import type { Architecture } from './families/family';
import { weightsFile, type ModelFiles } from './files';
import { describeForeign } from './foreign';
import { preprocessorFile, readImageProcessing, type ImageProcessing } from './image-processing';
import { createImageProcessor, type ImageProcessor } from './image-processor';
import { parseJsonFile } from './json-file';
import type { StoredTensor } from './safetensors';
import { createTokenizer, type CaptionTokenizer } from './tokenizer';
import { readWeights } from './weights';

/** A model as its files besides the weights describe it. */
export interface DescribedModel {
  readonly architecture: Architecture;
  readonly tokenizer: CaptionTokenizer;
  readonly imageProcessor: ImageProcessor;
  readonly imageProcessing: ImageProcessing;
  /**
   * The files besides the weights, byte for byte, for exports; and `preprocessor_config.json` with what was assumed, where a model does not say how
   * pictures are processed.
   */
  readonly companions: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
  /** What the model's own card says. */
  readonly card: ModelCard;
  /** What was assumed while opening, or will not work as it should, in sentences for the user. */
  readonly notes: readonly string[];
}

/** A model as it was opened: nothing of it is ever written to. */
export interface LoadedModel extends DescribedModel {
  /** Every tensor that the model computes with, as stored. */
  readonly stored: ReadonlyMap<string, StoredTensor>;
  /** The same as float32, converted on each `get`. */
  readonly tensors: TensorMap;
  /** Bytes of the weights as stored. */
  readonly bytes: number;
}

/** The files besides `config.json` and the weights that a model may have and that its export passes on. */
const companionNames = [
  'processor_config.json',
  preprocessorFile,
  'tokenizer.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
  'added_tokens.json',
  'vocab.json',
  'merges.txt',
  'vocab.txt',
  'generation_config.json',
] as const;

/**
 * Opens a model in the Hugging Face layout.
 *
 * @throws ModelError when a file is missing, damaged or of another kind of model
 */
export async function openModel(files: ModelFiles): Promise<LoadedModel> {
  const described = await describeModel(files);
  const notes: string[] = [...described.notes];
  const stored = await readWeights(files, described.architecture, (sentence) => notes.push(sentence));
  if (stored === null) throw await missing(files, weightsFile);
  return {
    ...described,
    notes,
    stored,
    tensors: new DecodedTensors(stored),
    bytes: [...stored.values()].reduce((sum, { bytes }) => sum + bytes.length, 0),
  };
}

/**
 * Reads all files of a model in the Hugging Face layout but its weights.
 *
 * @throws ModelError as `openModel`
 */
export async function describeModel(files: ModelFiles): Promise<DescribedModel> {
  const companions = new Map<string, Uint8Array<ArrayBuffer>>();
  const bytes = await files.read('config.json');
  if (bytes === null) throw await missing(files, 'config.json');
  companions.set('config.json', bytes);
  const architecture = openArchitecture(parseJsonFile(bytes, 'config.json'));
  const { family, image } = architecture;
  for (const name of companionNames) {
    const companion = await files.read(name);
    if (companion !== null) companions.set(name, companion);
  }
  const json = (name: string): unknown => {
    const companion = companions.get(name);
    return companion && parseJsonFile(companion, name);
  };
  const {
    processing,
    notes: imageNotes,
    assumedFile,
  } = readImageProcessing(
    { processor: json('processor_config.json'), preprocessor: json(preprocessorFile) },
    image.side,
    family,
  );
  if (assumedFile !== null) companions.set(preprocessorFile, new TextEncoder().encode(assumedFile));
  const tokenizer = await orForeign(files, () =>
    createTokenizer(
      {
        tokenizer: json('tokenizer.json'),
        vocab: json('vocab.json'),
        merges: text(companions.get('merges.txt')),
        words: text(companions.get('vocab.txt')),
        tokenizerConfig: json('tokenizer_config.json'),
        specialTokens: json('special_tokens_map.json'),
        addedTokens: json('added_tokens.json'),
      },
      architecture.text.maxTokens,
      family.tokenizer,
    ),
  );
  const tokenNotes = compareTokens(tokenizer, architecture);
  const card = readModelCard(text(await files.read('README.md')));
  await addLicense(companions, files, licenseFile(card));
  return {
    architecture,
    tokenizer,
    imageProcessor: createImageProcessor(processing, image.pixels),
    imageProcessing: processing,
    companions,
    card,
    notes: [...tokenNotes, ...imageNotes],
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

/** A folder without a tokenizer may be something else altogether, which says more than that. */
async function orForeign<T>(files: ModelFiles, read: () => T): Promise<T> {
  try {
    return read();
  } catch (error) {
    if (error instanceof ModelError && error.code === 'missing') {
      const foreign = await describeForeign(files, 'tokenizer');
      if (foreign !== null) throw new ModelError('unsupported', foreign, { cause: error });
    }
    throw error;
  }
}

async function missing(files: ModelFiles, name: string): Promise<ModelError> {
  const foreign = await describeForeign(files, name === weightsFile ? 'weights' : 'configuration');
  if (foreign !== null) return new ModelError('unsupported', foreign, { file: name });
  const advice =
    name === weightsFile
      ? 'Vernier reads weights in safetensors form. Where a repository has only pytorch_model.bin, open a revision with model.safetensors, such as a converting pull request of the model on its hub (owner/name@refs/pr/15), or save the model again with Transformers (save_pretrained) and open that folder.'
      : 'Check that the name or folder is that of a model in the Hugging Face layout.';
  return new ModelError('missing', `There is no ${name} at ${files.place}. ${advice}`, { file: name });
}

function text(bytes: Uint8Array | null | undefined): string | undefined {
  return bytes ? new TextDecoder().decode(bytes) : undefined;
}
