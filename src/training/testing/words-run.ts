import type { Executor } from '../../engine/executor';
import type { RecipeChange } from '../../recipe/fields';
import type { TrainingEvent } from '../../protocol/training';
import { imagesOf, pairsOf } from '../data/dataset-view';
import { planRun } from '../data/plan';
import { DeviceLock } from '../device-lock';
import { createWeightStore } from '../features/weight-store';
import { parameterGroups } from '../session/parameter-groups';
import { Recorder } from '../session/recorder';
import { Reporter } from '../session/reporter';
import { TrainingSession } from '../session/session';
import type { SessionSnapshot } from '../session/state';
import { captions } from '../tasks/captioning';
import { WordsTask, type WordKind } from '../tasks/words/words';
import { eventsOf, MemoryStorage, recipeOf, runOf } from './fakes';
import { watching } from './watched-executor';
import { tinyGenerator, tinyQuestions } from './tiny-generator';
import { tinyDataset } from './tiny-model';

export interface WordsRun {
  readonly cacheBudget?: number;
  /** Goes on from what another session left. */
  readonly from?: SessionSnapshot;
  /** Stops at the snapshot that is taken after this step. */
  readonly until?: number;
}

/** Teaches the tiny BLIP to write captions or answers, on buffers and with a task of its own, as another visit of the page would. */
export async function trainWords(executor: Executor, kind: WordKind, changes: RecipeChange, run: WordsRun = {}) {
  const model = tinyGenerator();
  const { view, pixels } = kind === captions ? await tinyDataset() : await tinyQuestions();
  const recipe = recipeOf({
    task: kind === captions ? 'captioning' : 'answering',
    model: model.id,
    batchSize: 4,
    warmupRatio: 0,
    seed: 3,
    labelSmoothing: 0,
    learningRate: 5e-3,
    ...changes,
  });
  const lock = new DeviceLock();
  const store = await createWeightStore(model, null, executor, lock);
  const device = { executor, store, lock };
  const train = imagesOf(view, 'train');
  const plan = planRun(recipe, pairsOf(view, train).length, imagesOf(view, 'validation').length);
  const task = await WordsTask.create(kind, {
    model,
    view,
    recipe,
    plan,
    device,
    pixels,
    augmented: null,
    cache: null,
    ...(run.cacheBudget === undefined ? {} : { cacheBudget: run.cacheBudget }),
  });
  const events: TrainingEvent[] = [];
  const now = (): number => performance.now();
  const storage = new MemoryStorage();
  const recorder = new Recorder(runOf(recipe), now, storage);
  const reporter = new Reporter('run', (event) => events.push(event), now);
  const taken: Promise<SessionSnapshot | null>[] = [];
  const watched = watching(executor, (step) => {
    if (step !== run.until) return;
    taken.push(session.snapshot());
    session.commands.stop('as-planned');
  });
  const session: TrainingSession = new TrainingSession({
    recipe,
    plan,
    task,
    device: { ...device, executor: watched },
    groups: parameterGroups(model.architecture.groups, recipe, task),
    recorder,
    reporter,
    now,
    from: run.from ?? null,
  });
  const reason = await session.run();
  const weights = await store.read(task.trainable);
  task.dispose();
  store.dispose();
  const losses = eventsOf(events, 'steps').flatMap(({ steps }) => steps.map(({ loss }) => loss));
  const evaluations = eventsOf(events, 'evaluation').map(({ evaluation: { step, metrics }, predictions }) => ({
    step,
    metrics,
    predictions,
  }));
  const snapshot = (await taken[0]) ?? null;
  const rows = await storage.readMetrics();
  return { reason, losses, evaluations, events, task, weights, snapshot, record: recorder.record, rows };
}
