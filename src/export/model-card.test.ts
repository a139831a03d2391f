import { describe, expect, it } from 'vitest';
import { nothingOfSamples } from '../protocol/testing';
import { parse } from 'yaml';
import { licenseText, type ModelCard } from '../model/card';
import { summarizeData, type ExportFacts } from './facts';
import { modelCard } from './model-card';
import { usageSnippet } from './formats/huggingface/description';
import { huggingface } from './formats/huggingface/format';
import { exportFacts, finishedRun } from './testing/facts';
import { trainingRecord } from './training-record';

const facts: ExportFacts = {
  ...exportFacts,
  family: 'CLIP',
  format: huggingface.card({ family: 'clip' }),
  precision: 'float32',
  carried: ['config.json'],
  parameters: 5_365_633,
  trainedParameters: 73_728,
};
const card = modelCard(facts);

function frontMatter(text: string): string {
  return /^---\n([\s\S]*?)\n---\n/.exec(text)?.[1] ?? '';
}

/** Front matter as YAML 1.1 reads it, which huggingface_hub does. */
function read(text: string): Record<string, unknown> {
  const front = frontMatter(text);
  const old = parse(front, { version: '1.1' }) as Record<string, unknown>;
  expect(parse(front)).toEqual(old);
  return old;
}

const withCard = (card: Partial<ModelCard>, id = 'local/mine', carried: readonly string[] = []): ExportFacts => {
  const whole = { licenses: [], licenseName: null, licenseLink: null, ...card };
  return { ...facts, carried, base: { id, name: 'Mine', license: licenseText(whole), card: whole } };
};

describe('the model card', () => {
  it('opens with what the Hub reads', () => {
    const front = read(card);
    expect(front).toMatchObject({
      license: 'apache-2.0',
      library_name: 'transformers',
      pipeline_tag: 'zero-shot-image-classification',
      tags: ['clip', 'image-text-retrieval', 'vernier'],
      'model-index': [
        {
          name: 'Shoes | first try',
          results: [
            {
              dataset: { name: 'Shoe shop', type: 'custom', split: 'validation' },
              metrics: [{ name: 'Text-to-image Recall@1', value: 0.48 }, { value: 0.47 }],
            },
          ],
        },
      ],
    });
    // The embedded model is no repository on the Hub.
    expect(front).not.toHaveProperty('base_model');
    expect(read(modelCard(withCard({}, 'openai/clip-vit-base-patch32@refs/pr/1')))).toMatchObject({
      base_model: 'openai/clip-vit-base-patch32',
      base_model_relation: 'finetune',
      license: 'unknown',
    });
  });

  it.each([
    ['one licence', ['MIT'], 'mit'],
    ['several', ['mit', 'apache-2.0'], ['mit', 'apache-2.0']],
    ['none', [], 'unknown'],
    ['one that is a word of YAML 1.1', ['no'], 'no'],
    ['one that is no plain text', ['- #: {'], '- #: {'],
  ])('gives %s as the base does', (_, licenses, license) => {
    expect(read(modelCard(withCard({ licenses })))['license']).toEqual(license);
  });

  it.each([
    ['a file that is carried along', 'LICENSE', 'local/mine', ['LICENSE'], 'LICENSE'],
    [
      'a file on the hub that is not',
      './docs/LICENSE 1',
      'a/b@v2',
      [],
      'https://huggingface.co/a/b/blob/v2/docs/LICENSE%201',
    ],
    ['a file that is nowhere', 'LICENSE', 'local/mine', [], 'LICENSE'],
    ['an address', 'https://example.org/l', 'a/b', ['LICENSE'], 'https://example.org/l'],
  ])('keeps the name of a licence and its link: %s', (_, licenseLink, id, carried, link) => {
    const own = modelCard(withCard({ licenses: ['other'], licenseName: 'apple-amlr', licenseLink }, id, carried));
    expect(read(own)).toMatchObject({ license: 'other', license_name: 'apple-amlr', license_link: link });
    expect(own).toContain(`The base model's licence is [other (apple-amlr)](<${link}>), which`);
  });

  it('leaves out a link that leads nowhere on the web', () => {
    for (const licenseLink of ['javascript:alert(1)', 'data:text/html,x', 'file:///etc/passwd']) {
      const own = modelCard(withCard({ licenses: ['other'], licenseName: 'own', licenseLink }));
      expect(own).not.toContain(licenseLink);
      expect(read(own)).not.toHaveProperty('license_link');
    }
  });

  it.each([
    'Shoes: "red" #1',
    "it's",
    '- a',
    '{x}',
    'yes',
    '1e3',
    '12:30',
    '2026-01-01',
    '0o17',
    '~',
    '*a',
    '&a',
    '!a',
    '%',
    '@',
    '`',
    'é 🦊',
    'a\u0085b\u2028c\u0007d\ud83e',
    ' ',
    'x'.repeat(500),
  ])('keeps the name %j whole in the front matter', (name) => {
    const named = { ...finishedRun, dataset: { ...finishedRun.dataset, name } };
    const text = modelCard({ ...facts, name, run: named });
    const shown = name.replace(/[\u0007\u0085\u2028\ud83e](?![\udc00-\udfff])/g, ' ').trim();
    expect(read(text)['model-index']).toMatchObject([{ name: shown, results: [{ dataset: { name: shown } }] }]);
    expect(text).not.toMatch(/[\u0007\u0085\u2028]/);
  });

  it('shows the results of the exported step beside the baseline, and how they were measured', () => {
    expect(card).toContain('| Text → image Recall@1 | 36.0 % | 48.0 % |');
    expect(card).toContain('Retrieval among 120 validation pictures');
    expect(card).toContain('chosen by these very pictures');
    const tested = modelCard({
      ...facts,
      test: {
        task: 'contrastive',
        split: 'test',
        dataChanged: false,
        base: finishedRun.baseline!,
        tuned: finishedRun.evaluations[1]!.metrics,
        change: null,
        about: { trainedCaptions: 0, trainedPictures: 0 },
        details: { mistakes: [] },
        ...nothingOfSamples,
      },
    });
    expect(tested).toContain('120 test pictures');
    expect(tested).toContain('| Text → image Recall@1 | 36.0 % | 46.0 % |');
    expect(tested).not.toContain('chosen by these very pictures');
  });

  it('publishes no recall of a handful of pictures, and says why', () => {
    const few = (split: 'test' | 'validation', pictures: number): ExportFacts => ({
      ...facts,
      run: {
        ...finishedRun,
        baseline: { ...finishedRun.baseline!, pictures: split === 'validation' ? pictures : 12 },
        evaluations: finishedRun.evaluations.map((one) => ({
          ...one,
          metrics: { ...one.metrics, pictures: split === 'validation' ? pictures : 12 },
        })),
      },
      test: {
        task: 'contrastive',
        split: 'test',
        dataChanged: false,
        base: { ...finishedRun.baseline!, pictures: split === 'test' ? pictures : 5 },
        tuned: { ...finishedRun.evaluations[1]!.metrics, pictures: split === 'test' ? pictures : 5 },
        change: null,
        about: { trainedCaptions: 0, trainedPictures: 0 },
        details: { mistakes: [] },
        ...nothingOfSamples,
      },
    });
    const none = modelCard(few('test', 5));
    expect(none).toContain('Only 5 test and 12 validation pictures were measured');
    expect(none).not.toMatch(/Recall@|%\s*\|/);
    expect(read(none)).not.toHaveProperty('metrics');
    expect(read(none)).not.toHaveProperty('model-index');
    expect(modelCard(few('test', 49))).not.toContain('Recall@');
    expect(modelCard(few('test', 50))).toContain('Retrieval among 50 test pictures');
    expect(modelCard(few('validation', 50))).toContain('Retrieval among 50 validation pictures');
  });

  it('shows the code that the page shows, which opens pictures as the studio does', () => {
    expect(card).toContain(usageSnippet('.', 'clip'));
    expect(usageSnippet('a "b"', 'clip')).toContain('folder = "a \\"b\\""');
    expect(usageSnippet('.', 'clip')).toContain('ImageOps.exif_transpose(');
  });

  it.each([
    ['Some GPU', 'Some GPU', 'Some GPU (WebGPU)'],
    ['Some GPU (TensorFlow.js WebGPU)', 'Some GPU', 'Some GPU (TensorFlow.js WebGPU)'],
    ['CPU (WebAssembly with SIMD, 2 threads)', 'google swiftshader', 'CPU (WebAssembly with SIMD, 2 threads)'],
    ['CPU (JavaScript)', null, 'CPU (JavaScript)'],
  ])('names %j as what trained where the adapter is %j', (backend, adapter, shown) => {
    const environment = { ...finishedRun.environment, backend, adapter };
    const text = modelCard({ ...facts, run: { ...finishedRun, environment } });
    expect(text).toContain(`| Trained on | ${shown} |`);
    if (!shown.includes(adapter ?? 'none')) expect(text).not.toContain(adapter);
  });

  it('gives every change its interval, the loss its size, and says which captions were trained on', () => {
    const interval = { low: 0.008, high: 0.074 };
    const intervals = {
      'textToImage.recallAt1': interval,
      'imageToText.recallAt5': { low: -0.02, high: 0.03 },
      'imageToText.meanRank': { low: -4.25, high: -1 },
      'imageToText.medianRank': { low: -1, high: 0 },
      loss: { low: -0.5, high: -0.2 },
    };
    const change = { intervals, groups: 97 };
    const tested = modelCard({
      ...facts,
      test: {
        task: 'contrastive',
        split: 'test',
        dataChanged: false,
        base: finishedRun.baseline!,
        tuned: finishedRun.evaluations[1]!.metrics,
        change,
        about: { trainedCaptions: 12, trainedPictures: 36 },
        details: { mistakes: [] },
        ...nothingOfSamples,
      },
    });
    expect(tested).toContain('| Text → image Recall@1 | 36.0 % | 46.0 % | +0.8 to +7.4 |');
    expect(tested).toContain('| Image → text Recall@5 | 55.0 % | 65.0 % | −2.0 to +3.0 |');
    expect(tested).toContain('| Contrastive loss over batches of 64 pairs | 1.500 | 1.500 | −0.500 to −0.200 |');
    expect(tested).toContain('bootstrap over 97 captions');
    expect(tested).toContain('36 of them carry captions that were trained on');
    expect(card).not.toContain('Change, 95 %');
  });

  it('lists the settings in force and leaves out the others', () => {
    expect(card).toContain('| Learning rate | `learningRate` | 0.0003 |');
    expect(card).toContain('| Seed | `seed` | 7 |');
    expect(card).not.toContain('`momentum`');
    expect(card).not.toContain('`lastBlocks`');
    const spared = {
      ...finishedRun,
      recipe: { ...finishedRun.recipe, microBatchSize: 16, gradientCheckpointing: true },
    };
    const sparing = { ...facts, run: spared };
    expect(modelCard(sparing)).toContain('| Micro-batch size | `microBatchSize` | 16 |');
    expect(JSON.parse(trainingRecord(sparing))).toMatchObject({
      recipe: { microBatchSize: 16, gradientCheckpointing: true },
    });
  });

  it('tells about the data in numbers only', () => {
    expect(card).toContain('| Train / validation / test | 1,018 / 127 / 127 |');
    for (const text of [card, trainingRecord(facts)]) {
      expect(text).not.toContain('secret');
      expect(text).not.toContain('dataset-1');
    }
  });

  it('claims nothing about data that was changed after the run', () => {
    const changed = modelCard({ ...facts, data: null, dataChanged: true });
    expect(changed).toContain('The collection was changed after this run');
    expect(changed).toContain('| Train / validation / test | 1,018 / 127 / 127 |');
    expect(changed).toContain('Retrieval among 120 validation pictures');
    expect(card).not.toContain('was changed after this run');
  });

  it('says how much was trained and under which licence', () => {
    expect(card).toContain('73,728 of 5,365,633 parameters (1.4 %) were trained');
    expect(modelCard({ ...facts, trainedParameters: 5_365_633 })).toContain('All 5,365,633 parameters were trained.');
    expect(card).toContain("The base model's licence is Apache-2.0");
  });

  it('keeps names from breaking out of tables', () => {
    const odd = { ...finishedRun, dataset: { ...finishedRun.dataset, name: 'a | b\nc' } };
    expect(modelCard({ ...facts, run: odd })).toContain('| Name | a \\| b c |');
  });

  it('describes the base model when nothing was trained', () => {
    const base = modelCard({ ...facts, run: null, data: null, trainedParameters: 0 });
    expect(base).toContain('the base model **Seed CLIP** (`seed-clip`) as it is');
    expect(base).not.toContain('## Results');
  });
});

it('writes the run for programs', () => {
  const record = JSON.parse(trainingRecord(facts)) as Record<string, unknown>;
  expect(record).toMatchObject({
    format: 'vernier-training',
    model: { base: 'seed-clip', trainedParameters: 73_728 },
    data: { images: 1272, captions: 1300, fingerprint: finishedRun.dataset.fingerprint },
    recipe: { method: { type: 'fine-tuning', freeze: 'projections' }, seed: 7 },
    result: { steps: 300, exportedStep: 200, trainedTensors: ['visual_projection.weight'] },
    test: null,
  });
});

it('summarises data', () => {
  const images = [{ captions: ['a red shoe', 'A red shoe'] }, { captions: ['boots'] }, { captions: [] }];
  expect(summarizeData('files', images)).toEqual({
    captions: 3,
    medianWords: 3,
    duplicateCaptions: 1,
    origin: 'files',
  });
});
