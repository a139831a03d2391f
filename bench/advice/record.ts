import { writeFileSync } from 'node:fs';
import { baseColumns } from '../../src/dataset/columns';
import type { SampleRecord } from '../../src/dataset/types';
import { createTfjsExecutor } from '../../src/engine/tfjs/executor';
import type { RecipeChange } from '../../src/recipe/fields';
import { datasetView, imagesOf, pairsOf, type DatasetView } from '../../src/training/data/dataset-view';
import { planRun } from '../../src/training/data/plan';
import { DeviceLock } from '../../src/training/device-lock';
import { createRandom } from '../../src/training/random';
import type { PixelReader } from '../../src/training/features/samples';
import { createWeightStore } from '../../src/training/features/weight-store';
import { parameterGroups } from '../../src/training/session/parameter-groups';
import { Recorder } from '../../src/training/session/recorder';
import { Reporter } from '../../src/training/session/reporter';
import { TrainingSession } from '../../src/training/session/session';
import { ContrastiveTask } from '../../src/training/tasks/contrastive/contrastive';
import { lossTensors } from '../../src/training/tasks/contrastive/sigmoid-bias';
import { MemoryStorage, recipeOf, runOf } from '../../src/training/testing/fakes';
import { tinyModel } from '../../src/training/testing/tiny-model';

/**
 * Records good and bad runs of the engine at tiny size, by which the rules of the adviser are measured (`src/adviser/advice.test.ts`):
 *
 *     npx tsx bench/advice/record.ts
 *
 * What is wrong with a run is known from how it was set up, before any rule looks at it; some runs that were set up as good went wrong all the same,
 * as their curves show: `reviewed` in the test names them.
 */

/** A way to set a run up, with what is wrong with it. */
interface Kind {
  readonly name: string;
  readonly wrong: readonly string[];
  readonly changes: RecipeChange;
  /** Share of the training pictures whose caption is another's. */
  readonly noise?: number;
  readonly pictures?: number;
}

const usual: RecipeChange = {
  freeze: 'full',
  durationUnit: 'steps',
  steps: 120,
  batchSize: 16,
  learningRate: 3e-3,
  warmupRatio: 0.1,
  evaluateEvery: 8,
};

const kinds: readonly Kind[] = [
  { name: 'good', wrong: [], changes: {} },
  { name: 'good, a lower rate', wrong: [], changes: { learningRate: 1.5e-3 } },
  {
    name: 'Adam and a constant rate',
    wrong: [],
    changes: { optimizer: 'adam', schedule: 'constant', learningRate: 2e-3 },
  },
  { name: 'good, larger batches', wrong: [], changes: { batchSize: 32 } },
  { name: 'rate far too high', wrong: ['rate-high'], changes: { learningRate: 0.3, maxGradNorm: 0 } },
  { name: 'rate too high', wrong: ['rate-high'], changes: { learningRate: 0.1 } },
  { name: 'rate far too low', wrong: ['rate-low'], changes: { learningRate: 1e-7 } },
  { name: 'rate too low', wrong: ['rate-low'], changes: { learningRate: 3e-6 } },
  {
    name: 'learns noise by heart',
    wrong: ['overfitting'],
    changes: { steps: 240, weightDecay: 0, schedule: 'constant' },
    noise: 0.6,
  },
  {
    name: 'learns few pictures by heart',
    wrong: ['overfitting'],
    changes: { steps: 240, weightDecay: 0, schedule: 'constant' },
    noise: 0.5,
    pictures: 80,
  },
  {
    name: 'ends too early',
    wrong: ['underfitting'],
    changes: { steps: 24, evaluateEvery: 2, schedule: 'constant', learningRate: 1e-3 },
  },
  {
    name: 'ends far too early',
    wrong: ['underfitting'],
    changes: { steps: 16, evaluateEvery: 2, schedule: 'constant', learningRate: 1.5e-3 },
  },
];

const side = 16;
const captions = ['red', 'green', 'blue', 'white'].flatMap((colour) =>
  ['square', 'disc', 'bar', 'dot'].map((form) => `${colour} ${form}`),
);
const colours = [
  [255, 30, 30],
  [30, 255, 30],
  [30, 30, 255],
  [250, 250, 250],
] as const;

/** Pictures of a colour in one of four places, with noise of their own, a quarter for validation. */
async function noisyDataset(
  { noise = 0, pictures = 160 }: Kind,
  seed: number,
): Promise<{ view: DatasetView; pixels: PixelReader }> {
  const random = createRandom(seed);
  const drawn = new Map<string, Uint8Array>();
  const records = Array.from({ length: pictures }, (_, i): SampleRecord => {
    const hash = String(i).padStart(3, '0');
    const what = i % 16;
    const split = i % 4 === Math.floor(i / 16) % 4 ? 'validation' : 'train';
    drawn.set(hash, draw(what, random));
    const said = split === 'train' && random() < noise ? Math.floor(random() * 16) : what;
    return {
      id: `noisy/${hash}`,
      datasetId: 'noisy',
      hash,
      media: [{ kind: 'image', path: `${hash}.png`, type: 'image/png', width: side, height: side, bytes: 1 }],
      captions: [captions[said] ?? ''],
      split,
      fields: {},
      order: i,
    };
  });
  const dataset = {
    id: 'noisy',
    name: 'noisy',
    createdAt: 0,
    split: { seed: 1, validation: 0.25, test: 0 },
    origin: 'files',
    columns: [...baseColumns],
  };
  return {
    view: await datasetView(dataset, records),
    pixels: { pixels: ({ hash }) => Promise.resolve(drawn.get(hash) ?? new Uint8Array()) },
  };
}

function draw(what: number, random: () => number): Uint8Array {
  const pixels = Uint8Array.from({ length: 3 * side * side }, () => Math.floor(random() * 110));
  const colour = colours[what >> 2] ?? colours[0];
  const [left, top] = [what & 1 ? 8 : 0, what & 2 ? 8 : 0];
  for (let y = top; y < top + 8; y++) {
    for (let x = left; x < left + 8; x++) {
      const at = 3 * (y * side + x);
      for (let channel = 0; channel < 3; channel++) {
        pixels[at + channel] = Math.round(0.6 * (colour[channel] ?? 0) + 0.4 * (pixels[at + channel] ?? 0));
      }
    }
  }
  return pixels;
}

async function record(kind: Kind, seed: number) {
  const model = tinyModel(seed);
  const executor = await createTfjsExecutor('tfjs-cpu');
  const { view, pixels } = await noisyDataset(kind, seed);
  const recipe = recipeOf({ model: model.id, ...usual, ...kind.changes, seed });
  const lock = new DeviceLock();
  const store = await createWeightStore(model, null, executor, lock, lossTensors(recipe, model.architecture));
  const device = { executor, store, lock };
  const plan = planRun(recipe, pairsOf(view, imagesOf(view, 'train')).length, imagesOf(view, 'validation').length);
  const task = await ContrastiveTask.create({
    model,
    view,
    recipe,
    plan,
    device,
    pixels,
    augmented: null,
    cache: null,
  });
  const storage = new MemoryStorage();
  let clock = 0;
  const now = (): number => (clock += 10);
  const recorder = new Recorder(runOf(recipe), now, storage);
  const groups = parameterGroups(model.architecture.groups, recipe, task);
  await new TrainingSession({
    recipe,
    plan,
    task,
    device,
    groups,
    recorder,
    reporter: new Reporter('run', () => undefined, now),
    now,
  }).run();
  task.dispose();
  store.dispose();
  const { baseline, evaluations } = recorder.record;
  const rows = [...storage.rows.values()].flat();
  const few = (value: number | undefined): number | null =>
    value === undefined || !Number.isFinite(value) ? null : Number(value.toPrecision(4));
  const kept = ['loss', 'recall@1', 'accuracy', 'pictures', 'imageToText.meanRank', 'guess.imageToText.meanRank'];
  const metricsOf = (metrics: Readonly<Record<string, number>>) =>
    Object.fromEntries(kept.flatMap((name) => (metrics[name] === undefined ? [] : [[name, few(metrics[name])]])));
  return {
    kind: kind.name,
    seed,
    wrong: kind.wrong,
    changes: { ...usual, ...kind.changes },
    train: imagesOf(view, 'train').length,
    validation: imagesOf(view, 'validation').length,
    totalSteps: plan.totalSteps,
    loss: rows.map(({ loss }) => few(loss)),
    gradNorm: rows.map(({ gradNorm }) => few(gradNorm)),
    logitScale: rows.map(({ extra }) => few(extra['logitScale'])),
    baseline: baseline === null ? null : metricsOf(baseline),
    evaluations: evaluations.map(({ step, metrics }) => ({ step, metrics: metricsOf(metrics) })),
  };
}

const seeds = [11, 12, 13];
const runs: unknown[] = [];
for (const kind of kinds) {
  for (const seed of seeds) {
    const run = await record(kind, seed);
    runs.push(run);
    const [first, last] = [run.evaluations[0]?.metrics, run.evaluations.at(-1)?.metrics];
    console.log(
      kind.name,
      seed,
      'loss',
      run.loss[0],
      run.loss.at(-1),
      'validation',
      run.baseline?.['loss'],
      first?.['loss'],
      last?.['loss'],
      'recall',
      run.baseline?.['recall@1'],
      last?.['recall@1'],
      'scale',
      run.logitScale.at(-1),
    );
  }
}
writeFileSync('src/adviser/fixtures/runs.json', `[\n${runs.map((run) => JSON.stringify(run)).join(',\n')}\n]\n`);
