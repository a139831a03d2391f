import { describe, expect, it } from 'vitest';
import { summarizeData } from './facts';
import { modelCard } from './model-card';
import { exportFacts, finishedRun } from './testing/facts';
import { trainingRecord } from './training-record';

const facts = { ...exportFacts, parameters: 5_365_633, trainedParameters: 73_728 };
const card = modelCard(facts);

function frontMatter(text: string): string {
  return /^---\n([\s\S]*?)\n---\n/.exec(text)?.[1] ?? '';
}

describe('the model card', () => {
  it('opens with what the Hub reads', () => {
    const front = frontMatter(card);
    expect(front).toMatch(/^license: apache-2\.0$/m);
    expect(front).toMatch(/^library_name: transformers$/m);
    expect(front).toMatch(/^pipeline_tag: zero-shot-image-classification$/m);
    expect(front).toMatch(/^ {6}value: 0\.4800$/m);
    // The embedded model is no repository on the Hub.
    expect(front).not.toMatch(/base_model/);
    const hub = frontMatter(
      modelCard({ ...facts, base: { id: 'openai/clip-vit-base-patch32', name: 'B/32', license: null } }),
    );
    expect(hub).toMatch(/^base_model: openai\/clip-vit-base-patch32$/m);
    expect(hub).toMatch(/^base_model_relation: finetune$/m);
    expect(hub).toMatch(/^license: unknown$/m);
  });

  it('shows the results of the exported step beside the baseline, and how they were measured', () => {
    expect(card).toContain('| Text → image Recall@1 | 36.0 % | 48.0 % |');
    expect(card).toContain('Retrieval among 120 validation pictures');
    expect(card).toContain('chosen by these very pictures');
    const tested = modelCard({
      ...facts,
      test: {
        split: 'test',
        dataChanged: false,
        base: finishedRun.baseline!,
        tuned: finishedRun.evaluations[1]!,
        mistakes: [],
      },
    });
    expect(tested).toContain('120 test pictures');
    expect(tested).toContain('| Text → image Recall@1 | 36.0 % | 46.0 % |');
    expect(tested).not.toContain('chosen by these very pictures');
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
    recipe: { freeze: 'projections', seed: 7 },
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
