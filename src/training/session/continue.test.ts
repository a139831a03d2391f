import { beforeAll, describe, expect, test } from 'vitest';
import type { Executor, Trainer } from '../../engine/executor';
import { createTfjsExecutor } from '../../engine/tfjs/executor';
import type { TrainingEvent } from '../../protocol/protocol';
import type { RecipeChange } from '../../recipe/fields';
import { imagesOf, pairsOf, type DatasetView } from '../data/dataset-view';
import { planRun } from '../data/plan';
import { DeviceLock } from '../device-lock';
import type { PixelReader } from '../features/samples';
import { createWeightStore } from '../features/weight-store';
import { ContrastiveTask } from '../tasks/contrastive/contrastive';
import { lossTensors } from '../tasks/contrastive/sigmoid-bias';
import { eventsOf, MemoryStorage, recipeOf, runOf } from '../testing/fakes';
import { tinyDataset, tinyModel } from '../testing/tiny-model';
import { parameterGroups } from './parameter-groups';
import { Recorder } from './recorder';
import { Reporter } from './reporter';
import { TrainingSession } from './session';
import { sessionStateSchema, type SessionSnapshot } from './state';

const model = tinyModel();
let executor: Executor;
let view: DatasetView;
let pixels: PixelReader;

beforeAll(async () => {
  executor = await createTfjsExecutor('tfjs-cpu');
  ({ view, pixels } = await tinyDataset());
});

interface Part {
  readonly from?: SessionSnapshot;
  /** Stops at the snapshot that is taken after this step. */
  readonly until?: number;
}

/** The executor, which tells of each step that it was given. */
function watching(watched: Executor, onStep: (step: number) => void): Executor {
  return Object.assign(Object.create(watched) as Executor, {
    async compileTraining(...options: Parameters<Executor['compileTraining']>): Promise<Trainer> {
      const trainer = await watched.compileTraining(...options);
      return Object.assign(Object.create(trainer) as Trainer, {
        async step(...[inputs, scalars]: Parameters<Trainer['step']>) {
          await trainer.step(inputs, scalars);
          onStep(scalars.step);
        },
      });
    },
  });
}

/** Trains on buffers and with a task of its own, as another visit of the page would. */
async function train(changes: RecipeChange, { from, until }: Part = {}) {
  const recipe = recipeOf({ model: model.id, batchSize: 6, durationUnit: 'steps', steps: 10, seed: 3, ...changes });
  const own = lossTensors(recipe, model.architecture);
  const store = await createWeightStore(model, null, executor, new DeviceLock(), own);
  const device = { executor, store, lock: new DeviceLock() };
  const validation = imagesOf(view, 'validation').length;
  const plan = planRun(recipe, pairsOf(view, imagesOf(view, 'train')).length, validation);
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
  const events: TrainingEvent[] = [];
  const now = (): number => performance.now();
  const recorder = new Recorder(runOf(recipe), now, new MemoryStorage());
  const groups = parameterGroups(model.architecture.groups, recipe, task);
  const taken: Promise<SessionSnapshot | null>[] = [];
  const reporter = new Reporter('run', (event) => events.push(event), now);
  const watched = watching(executor, (step) => {
    if (step !== until) return;
    taken.push(session.snapshot());
    session.stop();
  });
  const session: TrainingSession = new TrainingSession({
    recipe,
    plan,
    task,
    device: { ...device, executor: watched },
    groups,
    recorder,
    reporter,
    now,
    from: from ?? null,
  });
  await session.run();
  const weights = await store.read(task.trainable);
  task.dispose();
  store.dispose();
  const rows = eventsOf(events, 'steps').flatMap(({ steps }) => steps);
  const evaluations = eventsOf(events, 'evaluation').map(({ evaluation: { seconds, ...rest }, predictions }) => ({
    ...rest,
    predictions,
    timed: seconds > 0,
  }));
  return {
    snapshot: (await taken[0]) ?? null,
    weights,
    rows: rows.map(({ seconds, imagesPerSecond, ...row }) => ({ ...row, timed: seconds > 0 && imagesPerSecond > 0 })),
    evaluations,
    bestStep: recorder.record.bestStep,
    seconds: rows.at(-1)?.seconds ?? 0,
  };
}

/** As storage gives it back. */
function stored(snapshot: SessionSnapshot): SessionSnapshot {
  const state = sessionStateSchema.parse(JSON.parse(JSON.stringify(snapshot.state)));
  return structuredClone({ ...snapshot, state });
}

describe.each([
  { name: 'full fine-tuning', changes: { freeze: 'full', learningRate: 3e-3, attentionDropout: 0.1 } },
  { name: 'the sigmoid loss, whose bias is fitted', changes: { freeze: 'full', learningRate: 3e-3, loss: 'sigmoid' } },
  { name: 'projections', changes: { freeze: 'projections', learningRate: 1e-2 } },
  {
    name: 'micro-batches with layer-wise decay',
    changes: { freeze: 'full', optimizer: 'sgd', learningRate: 1e-2, microBatchSize: 4, layerDecay: 0.7 },
  },
] as const)('$name', ({ changes }) => {
  test('five steps and five more that another session goes on with are ten', async () => {
    const recipe = { ...changes, evaluateEvery: 2, earlyStopping: true, patience: 50 };
    const straight = await train(recipe);
    const first = await train(recipe, { until: 5 });
    if (first.snapshot === null) throw new Error('no snapshot');
    const { step, lastEvaluated } = first.snapshot.state;
    expect({ step, lastEvaluated }).toEqual({ step: 5, lastEvaluated: 4 });
    const rest = await train(recipe, { from: stored(first.snapshot) });
    expect(rest.weights).toEqual(straight.weights);
    expect([...first.rows.slice(0, 5), ...rest.rows]).toEqual(straight.rows);
    expect(rest.evaluations).toEqual(straight.evaluations.filter((evaluation) => evaluation.step > 5));
    expect(rest.bestStep).toBe(straight.bestStep);
    expect(rest.seconds).toBeGreaterThan(first.snapshot.state.seconds);
  });
});

test('a run that has ended gives no snapshot', async () => {
  const { snapshot, rows } = await train({ freeze: 'projections' }, { until: 10 });
  expect({ snapshot, steps: rows.length }).toEqual({ snapshot: null, steps: 10 });
});
