import { gzipSync } from 'node:zlib';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { packTar } from 'modern-tar';
import { DatasetError } from '../../src/dataset/errors';
import { readImageInfo } from '../../src/dataset/image-info';
import { readDataset } from '../../src/dataset/listing';
import { datasetReader, sampleReader } from '../../src/dataset/records';
import { takeOrientation } from '../../src/dataset/image-headers/orientation';
import { openSources } from '../../src/dataset/sources';
import { prepareSvg } from '../../src/dataset/svg/prepare';
import { makePng } from '../../src/dataset/testing/pictures';
import { ModelError } from '../../src/model/errors';
import { openArchitecture } from '../../src/model/families';
import { readModelCard } from '../../src/model/card';
import { parseShardIndex, readSafetensors } from '../../src/model/safetensors';
import { parseDefinition } from '../../src/model/tokenizer-definition';
import { defaultRecipe } from '../../src/recipe/fields';
import { decodeLink, encodeLink, LinkError } from '../../src/recipe/link';
import { restoreRecipe, versionedRecipe } from '../../src/recipe/migrate';
import { recipeInFile, RecipeFileError } from '../../src/recipe/recipe-file';
import { readRows, readRunRecord, runRecord } from '../../src/runs/records';
import { runOf } from '../../src/training/testing/fakes';
import { zipOf } from '../../e2e/support/files';

/** A door at which something from outside comes in. */
export interface Parser {
  readonly name: string;
  /** Sound inputs, of which others are made. */
  readonly sound: readonly Uint8Array[];
  readonly parse: (input: Uint8Array<ArrayBuffer>) => unknown;
  /** Whether an error is one that this door is to end in, with a sentence for the user. */
  readonly mayThrow: (error: unknown) => boolean;
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const json = (value: unknown): Uint8Array => encode(JSON.stringify(value));
const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

const inDataset = (error: unknown): boolean => error instanceof DatasetError;
const inModel = (error: unknown): boolean => error instanceof ModelError;
const never = (): boolean => false;
/** Errors that something throws on purpose have no other class than this, and a sentence. */
const sentence = (error: unknown): boolean =>
  error instanceof Error && error.constructor === Error && /[.!]$/.test(error.message);

/** Two pictures beside the file that is read. */
const pictures = [
  { path: 'data/a.png', file: new Blob([makePng(1)]) },
  { path: 'data/b.png', file: new Blob([makePng(2)]) },
];

/** A file of a dataset is read as the Data page would read it, up to the list of what it says. */
function ofDataset(name: string, path: string, ...sound: readonly Uint8Array[]): Parser {
  return {
    name,
    sound,
    mayThrow: inDataset,
    async parse(input) {
      const sources = await openSources([...pictures, { path: `data/${path}`, file: new Blob([input]) }]);
      try {
        await readDataset(sources.files, [], undefined);
      } finally {
        await sources.close();
      }
    },
  };
}

/** JSON that is no JSON is told before the door. */
function ofJson(
  name: string,
  value: unknown,
  read: (value: unknown) => unknown,
  mayThrow: Parser['mayThrow'] = never,
): Parser {
  return {
    name,
    sound: [json(value)],
    mayThrow,
    parse(input) {
      let parsed: unknown;
      try {
        parsed = JSON.parse(textOf(input));
      } catch {
        return;
      }
      return read(parsed);
    },
  };
}

const row = {
  step: 1,
  epoch: 0.5,
  loss: 1,
  gradNorm: 1,
  learningRate: 1e-3,
  imagesPerSecond: 3,
  seconds: 1,
  extra: { logitScale: 2 },
};
const sample = {
  id: 'd/h',
  datasetId: 'd',
  hash: 'h',
  media: [{ kind: 'image', path: 'a.png', type: 'image/png', width: 8, height: 8, bytes: 99 }],
  captions: ['a fox'],
  split: 'train',
  fields: { colour: ['red'] },
  order: 0,
  version: 2,
};
const dataset = {
  id: 'd',
  name: 'Set',
  createdAt: 1,
  split: { seed: 1, validation: 0.1, test: 0.1 },
  origin: 'files',
  columns: [],
  version: 2,
};
const tensors = {
  a: { dtype: 'F32', shape: [2, 2], data_offsets: [0, 16] },
  b: { dtype: 'F16', shape: [2], data_offsets: [16, 20] },
};
const tower = { hidden_size: 16, intermediate_size: 32, num_hidden_layers: 2, num_attention_heads: 2 };
const svg =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><style>.a{fill:red}</style><g class="a"><path d="M0 0h9v9z"/><use href="#x"/><filter id="f"><feGaussianBlur stdDeviation="2"/></filter></g></svg>';

function safetensors(): Uint8Array {
  const header = json(tensors);
  const file = new Uint8Array(8 + header.length + 20);
  new DataView(file.buffer).setBigUint64(0, BigInt(header.length), true);
  file.set(header, 8);
  return file;
}

/** A table with a column of every sort of page, packed in a way. */
function parquet(codec: 'UNCOMPRESSED' | 'SNAPPY' | 'GZIP'): Uint8Array {
  const file = parquetWriteBuffer({
    codec,
    compressors: { GZIP: (page) => gzipSync(page) },
    columnData: [
      { name: 'image', data: [makePng(6), makePng(7)], type: 'BYTE_ARRAY' },
      { name: 'text', data: ['a fox', null], type: 'STRING' },
      { name: 'label', data: ['x', 'x'], type: 'STRING', encoding: 'RLE_DICTIONARY' },
      { name: 'count', data: [3, 4], type: 'INT32', encoding: 'DELTA_BINARY_PACKED' },
      { name: 'url', data: ['http://a', 'http://ab'], type: 'STRING', encoding: 'DELTA_BYTE_ARRAY' },
      { name: 'ok', data: [true, false], type: 'BOOLEAN', encoding: 'RLE' },
    ],
  });
  return new Uint8Array(file);
}

/** The parsers of the studio, each by its outermost door. */
export async function everyParser(): Promise<readonly Parser[]> {
  const caption = encode('a red fox');
  const tar = await packTar([
    { header: { name: '000.png', size: makePng(3).length }, body: makePng(3) },
    { header: { name: '000.txt', size: caption.length }, body: caption },
  ]);
  const link = await encodeLink({ ...defaultRecipe, learningRate: 1e-4, seed: 7 });
  return [
    ofDataset(
      'csv',
      'captions.csv',
      encode('file_name,text,label\na.png,"a ""red"" fox",x\nb.png,a dog,y\n'),
      encode('a.png\ta fox\nb.png\ta dog\n'),
    ),
    ofDataset(
      'jsonl',
      'metadata.jsonl',
      encode('{"file_name":"a.png","text":"a fox","n":3}\n{"file_name":"b.png","text":["a dog","a cat"]}\n'),
    ),
    ofDataset(
      'json',
      'data.json',
      json([
        { image: 'a.png', caption: 'a fox' },
        {
          image: 'b.png',
          conversations: [
            { from: 'human', value: '<image>\nWhat?' },
            { from: 'gpt', value: 'a dog' },
          ],
        },
      ]),
    ),
    ofDataset(
      'coco',
      'captions.json',
      json({
        images: [
          { id: 1, file_name: 'a.png' },
          { id: 2, file_name: 'b.png' },
        ],
        annotations: [
          { image_id: 1, caption: 'a fox' },
          { image_id: 2, category_id: 1 },
        ],
        categories: [{ id: 1, name: 'dog' }],
      }),
    ),
    ofDataset('vqa', 'questions.json', json({ questions: [{ question_id: 1, image_id: 1, question: 'What?' }] })),
    ofDataset('sidecar', 'a.txt', encode('a red fox, running\n')),
    ofDataset(
      'zip',
      'set.zip',
      await zipOf({ 'a.png': makePng(4), 'a.txt': 'a fox', 'captions.csv': 'file_name,text\na.png,a fox\n' }),
    ),
    ofDataset('tar', 'set.tar', tar),
    ofDataset('parquet', 'set.parquet', parquet('UNCOMPRESSED'), parquet('SNAPPY'), parquet('GZIP')),
    {
      name: 'picture',
      sound: [makePng(5), encode(svg), encode('\xff\xd8\xff\xe0'), encode('RIFF\0\0\0\0WEBPVP8 ')],
      parse: (input) => readImageInfo(input),
      mayThrow: sentence,
    },
    {
      name: 'orientation',
      sound: [
        Uint8Array.of(
          0xff,
          0xd8,
          0xff,
          0xe1,
          0,
          34,
          69,
          120,
          105,
          102,
          0,
          0,
          73,
          73,
          42,
          0,
          8,
          0,
          0,
          0,
          1,
          0,
          18,
          1,
          3,
          0,
          1,
          0,
          0,
          0,
          6,
          0,
          0,
          0,
          0,
          0,
          0,
          0,
          255,
          217,
        ),
      ],
      parse: (input) => takeOrientation(input, 'image/jpeg'),
      mayThrow: never,
    },
    { name: 'svg', sound: [encode(svg)], parse: (input) => prepareSvg(input, 64, 64), mayThrow: sentence },
    {
      name: 'safetensors',
      sound: [safetensors()],
      parse: (input) => readSafetensors(input, 'model.safetensors'),
      mayThrow: inModel,
    },
    ofJson(
      'shard index',
      { metadata: {}, weight_map: { a: 'model-1.safetensors', b: 'model-2.safetensors' } },
      (value) => parseShardIndex(value, 'index.json'),
      inModel,
    ),
    ofJson(
      'model configuration',
      {
        model_type: 'clip',
        projection_dim: 12,
        text_config: { ...tower, vocab_size: 10, max_position_embeddings: 8, eos_token_id: 1 },
        vision_config: { ...tower, image_size: 16, patch_size: 8 },
      },
      (value) => openArchitecture(value),
      inModel,
    ),
    ofJson(
      'tokenizer',
      {
        version: '1.0',
        added_tokens: [{ id: 0, content: '<s>', special: true }],
        normalizer: { type: 'Lowercase' },
        pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false },
        post_processor: null,
        model: { type: 'BPE', vocab: { a: 0, b: 1, ab: 2 }, merges: [['a', 'b']] },
      },
      (value) => parseDefinition(value),
      inModel,
    ),
    {
      name: 'model card',
      sound: [encode('---\nlicense: mit\ntags: [clip]\nbase_model: x/y\n---\n# Name\n')],
      parse: (input) => readModelCard(textOf(input)),
      mayThrow: never,
    },
    {
      name: 'recipe link',
      sound: [encode(link.replace('#/r/', ''))],
      parse: (input) => decodeLink(textOf(input)),
      mayThrow: (error) => error instanceof LinkError,
    },
    {
      name: 'recipe file',
      sound: [
        json(versionedRecipe(defaultRecipe)),
        json({ format: 'vernier-run', recipe: versionedRecipe(defaultRecipe) }),
      ],
      parse: (input) => recipeInFile('run.json', textOf(input)),
      mayThrow: (error) => error instanceof RecipeFileError,
    },
    ofJson('recipe', versionedRecipe(defaultRecipe), (value) => restoreRecipe(value)),
    ofJson(
      'run record',
      runRecord(runOf(defaultRecipe, { evaluations: [{ step: 1, seconds: 1, metrics: { loss: 1 }, change: null }] })),
      (value) => readRunRecord(value),
    ),
    ofJson('metric rows', [row, row], (value) => readRows(value)),
    ofJson('dataset record', dataset, (value) => datasetReader.safeParse(value)),
    ofJson('sample record', sample, (value) => sampleReader.safeParse(value)),
  ];
}
