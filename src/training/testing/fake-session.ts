import type { RecipeChange } from '../../recipe/fields';
import type { Checkpoint } from '../../runs/checkpoints';
import type { TrainingEvent } from '../../protocol/training';
import type { RunPlan } from '../data/plan';
import { DeviceLock } from '../device-lock';
import { Checkpoints, type CheckpointStorage } from '../session/checkpoints';
import { Recorder } from '../session/recorder';
import { Reporter } from '../session/reporter';
import { TrainingSession } from '../session/session';
import { FakeExecutor, FakeTask, MemoryStorage, recipeOf, runOf } from './fakes';

/** A session of twelve steps on fakes, four an epoch, with an evaluation after each epoch. */
export function fakeSession(changes: {
  plan?: Partial<RunPlan>;
  recipe?: RecipeChange;
  executor?: FakeExecutor;
  recalls?: (index: number) => number;
  onEvent?: (event: TrainingEvent, session: TrainingSession) => void;
  now?: () => number;
  explain?: (error: unknown) => unknown;
  recovers?: (error: unknown) => boolean;
  checkpoints?: CheckpointStorage;
  /** The run may go back to where it began. */
  mayGoBack?: boolean;
}) {
  const recipe = recipeOf(changes.recipe);
  const plan: RunPlan = {
    totalSteps: 12,
    stepsPerEpoch: 4,
    batchSize: 2,
    samples: 8,
    evaluateEvery: 4,
    microBatches: 1,
    notes: [],
    ...changes.plan,
  };
  const executor = changes.executor ?? new FakeExecutor();
  const task = new FakeTask(plan.stepsPerEpoch, changes.recalls);
  const storage = new MemoryStorage();
  const events: TrainingEvent[] = [];
  const now = changes.now ?? ((): number => performance.now());
  const recorder = new Recorder(
    runOf(recipe),
    now,
    storage,
    (problem) => reporter.event({ type: 'storage', runId: 'run', problem }),
    () => Promise.resolve(),
  );
  const reporter = new Reporter(
    'run',
    (event) => {
      events.push(event);
      changes.onEvent?.(event, session);
    },
    now,
  );
  const device = { executor, store: executor.store, lock: new DeviceLock() };
  const session = new TrainingSession({
    recipe,
    plan,
    task,
    device,
    groups: [],
    recorder,
    reporter,
    now,
    ...(changes.explain === undefined ? {} : { explain: changes.explain }),
    ...(changes.recovers === undefined ? {} : { recovers: changes.recovers }),
    ...(changes.mayGoBack === true ? { beginning: () => [['w', Float32Array.of(0)] as const] } : {}),
    checkpoints: changes.checkpoints === undefined ? null : new Checkpoints(changes.checkpoints, everySecondStep(now)),
  });
  return { session, executor, task, storage, events, recorder };
}

/** A clock by which a checkpoint is due after every other step or so. */
function everySecondStep(now: () => number): () => number {
  let jumps = 0;
  return () => now() + 5_000 * jumps++;
}

/** Keeps checkpoints in memory. */
export class MemoryCheckpoints implements CheckpointStorage {
  readonly kept: Checkpoint[] = [];
  put(checkpoint: Checkpoint) {
    this.kept.push(structuredClone(checkpoint));
    return Promise.resolve(true);
  }
  read() {
    return Promise.resolve({ checkpoint: this.kept.at(-1) ?? null, damaged: [] });
  }
  dropAfter(step: number) {
    this.kept.splice(0, this.kept.length, ...this.kept.filter((own) => own.step <= step));
    return Promise.resolve();
  }
}

/** Tells the session something once, when that step has been measured. */
export function onceMeasured(step: number, tell: (session: TrainingSession) => void) {
  let told = false;
  return (event: TrainingEvent, running: TrainingSession): void => {
    if (told || event.type !== 'evaluation' || event.evaluation.step !== step) return;
    told = true;
    tell(running);
  };
}
