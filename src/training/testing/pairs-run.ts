import type { SampleRecord } from '../../dataset/types';
import { createTfjsExecutor } from '../../engine/tfjs/executor';
import { modelParameters } from '../../model/architecture';
import type { StepMetrics } from '../../protocol/training';
import type { Recipe } from '../../recipe/schema';
import type { Run } from '../../runs/types';
import { imagesOf, pairsOf, type DatasetView } from '../data/dataset-view';
import { planRun } from '../data/plan';
import { DeviceLock } from '../device-lock';
import { augmentationOf, AugmentedPixels } from '../features/augmented-pixels';
import { weightsDigest } from '../services/weights-digest';
import { parameterGroups } from '../session/parameter-groups';
import { Recorder } from '../session/recorder';
import { Reporter } from '../session/reporter';
import { TrainingSession } from '../session/session';
import { ContrastiveTask } from '../tasks/contrastive/contrastive';
import { MemoryStorage, runOf } from './fakes';
import { tinyDataset, tinyModel } from './tiny-model';

/** The digest of a tiny model's weights, as a file of it would have it. */
export function digestOf(model: ReturnType<typeof tinyModel>): Promise<string> {
  const stored = new Map(
    [...model.tensors].map(([name, values]) => [
      name,
      { name, dtype: 'F32', shape: [values.length], bytes: new Uint8Array(values.buffer) },
    ]),
  );
  return weightsDigest({ stored });
}

/** Teaches the tiny CLIP to match pictures and words on the plain CPU, as the studio would. */
export async function trainPairs(
  recipe: Recipe,
  view: DatasetView,
): Promise<{ readonly run: Run; readonly rows: readonly StepMetrics[] }> {
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
  return { run: recorder.record, rows: await storage.readMetrics() };
}
