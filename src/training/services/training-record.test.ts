import { describe, expect, it } from 'vitest';
import type { Split } from '../../dataset/types';
import { huggingface } from '../../export/formats/huggingface/format';
import { exportFacts, finishedRun } from '../../export/testing/facts';
import { repeatableSchema, trainingRecord } from '../../export/training-record';
import { restoreRecipe } from '../../recipe/migrate';
import { datasetView, splitsOf } from '../data/dataset-view';
import { recipeOf } from '../testing/fakes';
import { digestOf, trainPairs } from '../testing/pairs-run';
import { tinyDataset, tinyModel } from '../testing/tiny-model';

describe('training.json', () => {
  it('suffices to repeat a run to the same losses, given the pictures with their captions and the base model', async () => {
    const recipe = recipeOf({
      model: tinyModel().id,
      batchSize: 6,
      epochs: 2,
      learningRate: 1e-2,
      augmentCrop: 0.3,
      augmentFlip: true,
      seed: 11,
      evaluateEvery: 3,
    });
    const { view } = await tinyDataset();
    const { run, rows: steps } = await trainPairs(recipe, view);
    expect(steps).toHaveLength(6);
    const baseWeights = run.base!;
    const text = trainingRecord({
      ...exportFacts,
      family: 'CLIP',
      format: huggingface.card({ family: 'clip' }),
      precision: 'float32',
      run,
      baseWeights,
      splits: splitsOf(view),
      steps,
      carried: [],
      parameters: 1,
      trainedParameters: 1,
    });

    // Somewhere else, with nothing but the file, the pictures in another order and the model.
    const record = repeatableSchema.parse(JSON.parse(text));
    expect(record.model.baseWeights.digest).toBe(await digestOf(tinyModel()));
    const splitOf = new Map(
      Object.entries(record.data.splits).flatMap(([split, hashes]) => hashes.map((hash) => [hash, split as Split])),
    );
    const found = view.images
      .toReversed()
      .map((image, order) => ({ ...image, id: `else/${order}`, order, path: '', split: splitOf.get(image.hash)! }));
    const again = await datasetView({ ...view.dataset, id: 'else' }, found);
    expect(again.fingerprint).toBe(record.data.fingerprint);
    const { recipe: recorded, problems } = restoreRecipe(record.recipe);
    expect(problems).toEqual([]);
    const repeated = await trainPairs(recorded, again);
    expect(repeated.run.plan).toEqual(record.plan);
    expect(repeated.rows.map(({ step }) => step)).toEqual(record.steps.step);
    expect(repeated.rows.map(({ loss }) => loss)).toEqual(record.steps.loss);
    expect(repeated.rows.map(({ gradNorm }) => gradNorm)).toEqual(record.steps.gradNorm);
  });

  it('names pictures by their content alone', () => {
    const text = trainingRecord({
      ...exportFacts,
      family: 'CLIP',
      format: huggingface.card({ family: 'clip' }),
      precision: 'float32',
      carried: [],
      parameters: 1,
      trainedParameters: 1,
    });
    expect(repeatableSchema.parse(JSON.parse(text)).data.splits).toEqual(exportFacts.splits);
    expect(text).not.toContain('secret');
    expect(text).not.toContain(finishedRun.dataset.id);
  });
});
