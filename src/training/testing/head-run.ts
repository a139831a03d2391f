import type { Executor, Trainer } from '../../engine/executor';
import type { TrainingEvent } from '../../protocol/training';
import type { RecipeChange } from '../../recipe/fields';
import { imagesOf } from '../data/dataset-view';
import { planRun } from '../data/plan';
import { taughtView, type TaughtView } from '../data/taught-view';
import { DeviceLock } from '../device-lock';
import type { PixelReader } from '../features/samples';
import { createWeightStore } from '../features/weight-store';
import type { ModelHandle } from '../model-handle';
import { parameterGroups } from '../session/parameter-groups';
import { Recorder } from '../session/recorder';
import { Reporter } from '../session/reporter';
import { TrainingSession } from '../session/session';
import type { SessionSnapshot } from '../session/state';
import { workerOf } from '../tasks';
import type { Dataset, SampleRecord } from '../../dataset/types';
import { eventsOf, MemoryStorage, recipeOf, runOf } from './fakes';

/** What a run of a task with a head is made of. */
export interface HeadRunOptions {
  readonly executor: Executor;
  readonly model: ModelHandle;
  readonly dataset: Dataset;
  readonly records: readonly SampleRecord[];
  readonly pixels: PixelReader;
  readonly changes: RecipeChange;
  /** Bytes for outputs of frozen layers. */
  readonly cacheBudget?: number;
  readonly from?: SessionSnapshot;
  /** Stops at the snapshot that is taken after this step. */
  readonly until?: number;
}

/** Trains a task with a head from its data to its end, on buffers and with a task of its own, as another visit of the page would. */
export async function headRun(options: HeadRunOptions) {
  const { executor, model, dataset, records, pixels, changes, from, until, cacheBudget } = options;
  const recipe = recipeOf({ model: model.id, batchSize: 16, warmupRatio: 0, seed: 3, ...changes });
  const view: TaughtView = await taughtView(dataset, records, recipe);
  const worker = workerOf(recipe);
  const lock = new DeviceLock();
  const store = await createWeightStore(model, null, executor, lock, worker.own({ model, view, recipe }));
  const device = { executor, store, lock };
  const plan = planRun(recipe, imagesOf(view, 'train').length, imagesOf(view, 'validation').length);
  const task = await worker.create({
    model,
    view,
    recipe,
    plan,
    device,
    pixels,
    augmented: null,
    cache: null,
    ...(cacheBudget === undefined ? {} : { cacheBudget }),
  });
  const events: TrainingEvent[] = [];
  const now = (): number => performance.now();
  const storage = new MemoryStorage();
  const recorder = new Recorder(runOf(recipe), now, storage);
  const reporter = new Reporter('run', (event) => events.push(event), now);
  const head = { id: 'head', tower: null, kind: 'projection', index: null, tensors: task.own } as const;
  const groups = parameterGroups([...model.architecture.groups, head], recipe, task);
  const taken: Promise<SessionSnapshot | null>[] = [];
  const watched = Object.assign(Object.create(executor) as Executor, {
    async compileTraining(...given: Parameters<Executor['compileTraining']>): Promise<Trainer> {
      const trainer = await executor.compileTraining(...given);
      return {
        async step(...[inputs, scalars]: Parameters<Trainer['step']>) {
          await trainer.step(inputs, scalars);
          if (scalars.step !== until) return;
          taken.push(session.snapshot());
          session.commands.stop('as-planned');
        },
        readings: (drain) => trainer.readings(drain),
        gradients: (inputs, seed) => trainer.gradients(inputs, seed),
        snapshot: () => trainer.snapshot(),
        restore: (state) => trainer.restore(state),
        dispose: () => trainer.dispose(),
      };
    },
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
  const reason = await session.run();
  const weights = await store.read([...task.trainable]);
  task.dispose();
  store.dispose();
  return {
    reason,
    recipe,
    view,
    task,
    weights,
    record: recorder.record,
    rows: await storage.readMetrics(),
    snapshot: (await taken[0]) ?? null,
    losses: eventsOf(events, 'steps').flatMap(({ steps }) => steps.map(({ loss }) => loss)),
    evaluations: eventsOf(events, 'evaluation').map(({ evaluation }) => evaluation.metrics),
  };
}
