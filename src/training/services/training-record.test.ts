import papaparse from 'papaparse';
import { describe, expect, it } from 'vitest';
import type { SampleRecord, Split } from '../../dataset/types';
import { createTfjsExecutor } from '../../engine/tfjs/executor';
import { parameterGroups } from '../session/parameter-groups';
import { restoreRecipe } from '../../recipe/migrate';
import type { Recipe } from '../../recipe/schema';
import type { Run } from '../../runs/types';
import { augmentationOf, AugmentedPixels } from '../features/augmented-pixels';
import { datasetView, imagesOf, pairsOf, splitsOf, type DatasetView } from '../data/dataset-view';
import { DeviceLock } from '../device-lock';
import { planRun } from '../data/plan';
import type { StepMetrics } from '../../protocol/training';
import { Recorder } from '../session/recorder';
import { Reporter } from '../session/reporter';
import { TrainingSession } from '../session/session';
import { ContrastiveTask } from '../tasks/contrastive/contrastive';
import { MemoryStorage, recipeOf, runOf } from '../testing/fakes';
import { tinyDataset, tinyModel } from '../testing/tiny-model';
import { weightsDigest } from './weights-digest';
import { openArchive } from '../../export/archive';
import { runArchive } from '../../export/run/archive';
import { huggingface } from '../../export/formats/huggingface/format';
import { exportFacts, finishedRun } from '../../export/testing/facts';
import { repeatableSchema, trainingRecord } from '../../export/training-record';
import { modelParameters } from '../../model/architecture';

type Archive = Awaited<ReturnType<typeof openArchive>>;

/** The digest of a tiny model's weights, as a file of it would have it. */
function digestOf(model: ReturnType<typeof tinyModel>): Promise<string> {
  const stored = new Map(
    [...model.tensors].map(([name, values]) => [
      name,
      { name, dtype: 'F32', shape: [values.length], bytes: new Uint8Array(values.buffer) },
    ]),
  );
  return weightsDigest({ stored });
}

/** Trains a tiny model on the plain CPU, as the studio would. */
async function train(
  recipe: Recipe,
  view: DatasetView,
): Promise<{ readonly run: Run; readonly steps: readonly StepMetrics[] }> {
  const model = tinyModel();
  const { pixels } = await tinyDataset();
  const executor = await createTfjsExecutor('tfjs-cpu');
  const store = await executor.createStore(modelParameters(model.architecture), model.tensors);
  const device = { executor, store, lock: new DeviceLock() };
  const plan = planRun(recipe, pairsOf(view, imagesOf(view, 'train')).length, imagesOf(view, 'validation').length);
  const augmentation = augmentationOf(recipe);
  const side = model.architecture.image.pixels;
  const decode = async (image: SampleRecord) => {
    const rgb = await pixels.pixels(image);
    const data = new Uint8ClampedArray(4 * side * side).fill(255);
    for (let i = 0; i < side * side; i++) data.set(rgb.subarray(3 * i, 3 * i + 3), 4 * i);
    return { width: side, height: side, data };
  };
  const views = augmentation && new AugmentedPixels(model, augmentation, recipe.seed, decode);
  const task = await ContrastiveTask.create({
    model,
    view,
    recipe,
    plan,
    device,
    pixels,
    augmented: views && { side: views.side, view: (image, epoch) => views.view(view.images[image]!, epoch) },
    cache: null,
  });
  const now = (): number => performance.now();
  const { stepsPerEpoch, batchSize, microBatches, evaluateEvery } = plan;
  const storage = new MemoryStorage();
  const base = { id: model.id, digest: await digestOf(model), hub: null, revision: null };
  const dataset = { ...runOf(recipe).dataset, fingerprint: view.fingerprint };
  const begun = runOf(recipe, { base, dataset, plan: { stepsPerEpoch, batchSize, microBatches, evaluateEvery } });
  const recorder = new Recorder(begun, now, storage);
  const reporter = new Reporter('run', () => undefined, now);
  const groups = parameterGroups(model.architecture.groups, recipe, task);
  await new TrainingSession({ recipe, plan, task, device, groups, recorder, reporter, now }).run();
  task.dispose();
  store.dispose();
  executor.dispose();
  return { run: recorder.record, steps: [...storage.rows.values()].flat() };
}

/** Rows of a table of an exported run, without what depends on the clock. */
async function timeless(archive: Archive, name: string): Promise<readonly Readonly<Record<string, string>>[]> {
  const text = new TextDecoder().decode(await archive.entry(name)!.read());
  const { data } = papaparse.parse<Record<string, string>>(text, { header: true, skipEmptyLines: true });
  return data.map(({ seconds, images_per_second, ...row }) => {
    expect(Number(seconds)).toBeGreaterThanOrEqual(0);
    expect(images_per_second).not.toBe('');
    return row;
  });
}

describe('an exported run', () => {
  it('is the same to every number when its recipe is run again on the same data and the same adapter', async () => {
    const recipe = recipeOf({
      model: tinyModel().id,
      batchSize: 6,
      epochs: 3,
      learningRate: 2e-2,
      freeze: 'last-blocks',
      lastBlocks: 1,
      attentionDropout: 0.1,
      augmentFlip: true,
      seed: 5,
      evaluateEvery: 2,
    });
    const { view } = await tinyDataset();
    const exported = async ({ run, steps }: Awaited<ReturnType<typeof train>>): Promise<Archive> =>
      openArchive((await runArchive({ run, rows: steps, sweep: null, examples: null })).zip);
    const first = await exported(await train(recipe, view));
    const record = JSON.parse(new TextDecoder().decode(await first.entry('run.json')!.read())) as {
      readonly recipe: unknown;
      readonly dataset: { readonly fingerprint: string };
    };
    expect(record.dataset.fingerprint).toBe(view.fingerprint);
    const { recipe: recorded, problems } = restoreRecipe(record.recipe);
    expect(problems).toEqual([]);
    const again = await exported(await train(recorded, view));
    for (const [table, rows] of [
      ['steps.csv', 9],
      ['evaluations.csv', 6],
    ] as const) {
      const numbers = await timeless(first, table);
      expect(numbers).toHaveLength(rows);
      expect(Object.keys(numbers[0]!).length).toBeGreaterThan(4);
      expect(await timeless(again, table)).toEqual(numbers);
    }
  });
});

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
    const { run, steps } = await train(recipe, view);
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
    const repeated = await train(recorded, again);
    expect(repeated.run.plan).toEqual(record.plan);
    expect(repeated.steps.map(({ step }) => step)).toEqual(record.steps.step);
    expect(repeated.steps.map(({ loss }) => loss)).toEqual(record.steps.loss);
    expect(repeated.steps.map(({ gradNorm }) => gradNorm)).toEqual(record.steps.gradNorm);
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
