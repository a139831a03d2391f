import { usingDataset } from '../../dataset/holds';
import { isImporting } from '../../dataset/recovery';
import type { Executor } from '../../engine/executor';
import { stepFlops } from '../../engine/graph/flops';
import { parameterGroups, type Layer } from '../session/parameter-groups';
import type { Architecture } from '../../model/families/family';
import { recipeSchema } from '../../recipe/schema';
import { dropCheckpointsAfter, noCheckpoint, readCheckpoint } from '../../runs/checkpoints';
import { asTrainer } from '../../runs/lock';
import { nextColour } from '../../runs/colours';
import { changesSince } from '../../runs/since';
import { listRuns, readRun } from '../../runs/store';
import type { Run, RunBase } from '../../runs/types';
import { holdingDatabase } from '../../storage/db';
import { featureCache } from '../../storage/feature-cache/here';
import type { Backend } from '../compute/backend';
import { AugmentedPixels, augmentationOf } from '../features/augmented-pixels';
import { createWeightStore } from '../features/weight-store';
import { imagesOf, pairsOf, splitsOf, type DatasetView } from '../data/dataset-view';
import { yieldToMessages, type DeviceLock } from '../device-lock';
import { checkMemory, withRemedies } from '../session/memory-check';
import { isCancelled, StudioError } from '../../protocol/errors';
import type { ModelLibrary } from './models';
import { precisionNotes, precisionOf, planRun, type RunPlan } from '../data/plan';
import { runMemory, type RunSituation } from '../session/run-memory';
import type { Requests, TrainingEvent, UnstoredWeights } from '../../protocol/protocol';
import { Checkpoints } from '../session/checkpoints';
import { Recorder } from '../session/recorder';
import { Reporter } from '../session/reporter';
import { TrainingSession } from '../session/session';
import { sessionStateSchema, type SessionSnapshot } from '../session/state';
import { workerOf } from '../tasks';
import type { TrainingTask } from '../tasks/task';
import { runBase, type WeightsRegistry } from './weights';

/**
 * From a request to a run: opens model and data, checks the memory, chooses kernels and begins the record. One run at a time over all tabs. What
 * it holds on the device is released however it ends.
 */

export interface TrainingServices {
  readonly backend: Backend;
  readonly models: ModelLibrary;
  readonly registry: WeightsRegistry;
  readonly lock: DeviceLock;
  readonly send: (event: TrainingEvent) => void;
}

/** Starts runs, one at a time, and passes commands on to the one in progress. */
export class TrainingService {
  private session: TrainingSession | null = null;
  private preparing: AbortController | null = null;
  private starting = false;

  constructor(private readonly services: TrainingServices) {}

  get busy(): boolean {
    return this.starting;
  }

  /**
   * Trains to the end of the run. What goes wrong before its first step rejects; from then on every end is an event.
   *
   * @throws StudioError `busy` while another run is in progress, here or in another tab
   */
  train(params: Requests['train']['params'], signal: AbortSignal): Promise<Requests['train']['result']> {
    return this.alone({ ...params, left: null }, signal);
  }

  /**
   * Goes on with a run from its newest checkpoint, as `train` begins one.
   *
   * @throws StudioError `busy`; `not-found`; `no-checkpoint`; `mismatch` where its data or its model are not what they were
   */
  async goOn({ runId }: Requests['goOn']['params'], signal: AbortSignal): Promise<Requests['train']['result']> {
    const run = await readRun(runId);
    if (run === null) throw new StudioError('not-found', 'This run is not stored here any more.');
    const { name, recipe, dataset } = run;
    return this.alone({ runId, name, recipe, datasetId: dataset.id, left: run }, signal);
  }

  private async alone(params: Start, signal: AbortSignal): Promise<Requests['train']['result']> {
    if (this.starting) throw new StudioError('busy', 'A run is in progress. Wait for its end, or stop it.');
    this.starting = true;
    const stopped = new AbortController();
    this.preparing = stopped;
    let unstored: UnstoredWeights | null = null;
    try {
      const either = AbortSignal.any([signal, stopped.signal]);
      const done = await asTrainer(params.runId, () =>
        holdingDatabase(() => usingDataset(params.datasetId, () => this.run(params, either))),
      );
      if (done === null) {
        throw new StudioError('busy', 'Another tab is training. Wait for its end, or stop it there.');
      }
      unstored = done.value;
    } catch (error) {
      if (!stopped.signal.aborted || !isCancelled(error)) throw error;
      const message = 'Stopped before the first step.';
      this.services.send({ type: 'ended', runId: params.runId, reason: 'stopped', message, bestStep: null });
    } finally {
      this.starting = false;
      this.preparing = null;
    }
    return { runId: params.runId, unstored };
  }

  /** @throws StudioError `not-running` */
  command(name: 'pause' | 'resume' | 'stop' | 'evaluateNow' | 'checkpointNow'): void {
    if (this.session === null && name === 'stop' && this.preparing !== null) {
      this.preparing.abort(new StudioError('cancelled', 'Cancelled.'));
      return;
    }
    if (this.session === null) {
      throw new StudioError(
        'not-running',
        this.starting ? 'The run is still being prepared. Try again in a moment.' : 'No run is in progress.',
      );
    }
    this.session[name]();
  }

  /** @returns what its record would say of weights that could not be stored; null where all are */
  private async run(params: Start, signal: AbortSignal): Promise<UnstoredWeights | null> {
    const { backend, models, registry, lock, send } = this.services;
    const { left } = params;
    const recipe = recipeSchema.parse(params.recipe);
    const from = left === null ? null : await snapshotOf(left);
    const now = (): number => performance.now();
    const reporter = new Reporter(params.runId, send, now);
    reporter.phase('preparing', 'Opening the model, and trying what computes it fastest');
    const model = await models.open(recipe.model, null, { signal });
    // Telling large weights apart takes a moment, in which the device is prepared.
    const base = runBase(model);
    base.catch(() => undefined);
    reporter.phase('preparing', 'Reading the dataset');
    if (await isImporting(params.datasetId)) {
      throw new StudioError(
        'busy',
        'Pictures are being added to this dataset. Wait for them, or cancel, and start again.',
      );
    }
    const worker = workerOf(recipe);
    const view = await worker.load(params.datasetId, recipe);
    signal.throwIfAborted();
    if (left !== null) refuseOther(left, view, await base);
    const plan = planRun(recipe, pairsOf(view, imagesOf(view, 'train')).length, imagesOf(view, 'validation').length);
    reporter.phase('preparing', 'Choosing what to train on');
    const executor = await backend.executor(model);
    signal.throwIfAborted();
    const situation = situationOf(view, plan, model.architecture, executor);
    checkMemory(recipe, situation, await backend.capacity(executor.kind));
    const explain = (error: unknown): unknown => withRemedies(error, recipe, situation);
    const refuse = (error: unknown): never => {
      throw explain(error);
    };
    // What lay on the device for searching makes room; it comes back when it is asked for.
    await registry.clear();
    signal.throwIfAborted();
    reporter.phase('preparing', `Moving the model to ${executor.description}`);
    const own = worker.own({ model, view, recipe });
    const store = await createWeightStore(model, null, executor, lock, own).catch(refuse);
    try {
      signal.throwIfAborted();
      const augmentation = augmentationOf(recipe);
      const views = augmentation === null ? null : new AugmentedPixels(model, augmentation, recipe.seed);
      const task = await worker.create({
        model,
        view,
        recipe,
        plan,
        device: { executor, store, lock },
        pixels: registry.pixelsOf(model),
        augmented: views && {
          side: views.side,
          view: (image, epoch) => views.view(pictureAt(view, image), epoch),
        },
        cache: featureCache,
        pause: async () => {
          await yieldToMessages();
          signal.throwIfAborted();
        },
      });
      try {
        signal.throwIfAborted();
        reporter.phase('preparing', 'Timing kernels');
        const tuned = await backend.tuned(executor, task.program.graph, {
          precision: precisionOf(recipe, executor),
          room: runMemory(recipe, situation)?.total,
          ...(left?.kernels ? { pinned: left.kernels } : {}),
        });
        signal.throwIfAborted();
        const environment = await this.environment(executor.description);
        const record =
          left === null
            ? await withSince({
                ...newRun(params, view, plan, await base, environment, tuned.kernels, task),
                work: {
                  samplesPerEpoch: plan.samples,
                  flopsPerStep: stepFlops(task.program, {
                    microBatches: plan.microBatches,
                    checkpointing: recipe.gradientCheckpointing,
                  }),
                },
              })
            : { ...left, state: 'running' as const, message: '', endedAt: null };
        const recorder = new Recorder(record, now);
        if (left === null) await recorder.begin(splitsOf(view));
        else await recorder.update({});
        this.session = new TrainingSession({
          recipe,
          plan: {
            ...plan,
            notes: [...plan.notes, ...precisionNotes(recipe, executor), ...task.notes, ...tuned.notes],
          },
          task,
          device: { executor: tuned.executor, store, lock },
          groups: parameterGroups([...model.architecture.groups, ownLayer(task)], recipe, task),
          recorder,
          reporter,
          now,
          explain,
          from,
          checkpoints: new Checkpoints(params.runId, now),
        });
        const { session } = this;
        signal.addEventListener('abort', () => session.stop(), { once: true });
        // It may have fired while the run was written down.
        if (signal.aborted) session.stop();
        await session.run();
        await backend.noteFailure(session.failure);
        if (recorder.unstored !== null) registry.holdUnstored(params.runId, recorder.unstored);
        return recorder.unstored?.of ?? null;
      } finally {
        this.session = null;
        task.dispose();
      }
    } catch (error) {
      return refuse(error);
    } finally {
      store.dispose();
    }
  }

  private async environment(description: string): Promise<Run['environment']> {
    const { adapter, version } = await this.services.backend.describe();
    return { backend: description, adapter, userAgent: navigator.userAgent, version };
  }
}

/** What is to be trained, and the run that is gone on with; null for one that begins. */
interface Start extends Readonly<Requests['train']['params']> {
  readonly left: Run | null;
}

/** Where a run was left. */
async function snapshotOf({ id, name }: Run): Promise<SessionSnapshot> {
  const checkpoint = await readCheckpoint(id);
  const state = sessionStateSchema.safeParse(checkpoint?.state);
  if (checkpoint === null || !state.success) throw noCheckpoint(name);
  await dropCheckpointsAfter(id, checkpoint.step);
  return { ...checkpoint, state: state.data };
}

/** A run goes on only with what it began with: anything else would be another run. */
function refuseOther(left: Run, view: DatasetView, base: RunBase): void {
  const changed =
    view.fingerprint !== left.dataset.fingerprint
      ? `the pictures, captions or splits of “${left.dataset.name}” have changed`
      : left.base !== null && left.base.digest !== base.digest
        ? 'its base model is another now'
        : null;
  if (changed === null) return;
  throw new StudioError(
    'mismatch',
    `“${left.name}” cannot go on: ${changed} since it began. Undo the change, or start a new run with its recipe.`,
  );
}

/** What a task adds to the model as a layer behind all others. */
function ownLayer({ own }: Pick<TrainingTask, 'own'>): Layer {
  return { id: 'head', tower: null, kind: 'projection', index: null, tensors: own };
}

function situationOf(view: DatasetView, plan: RunPlan, architecture: Architecture, executor: Executor): RunSituation {
  const train = imagesOf(view, 'train');
  const validation = imagesOf(view, 'validation');
  return {
    architecture,
    kind: executor.kind,
    mixedPrecision: executor.mixedPrecision,
    trainPairs: pairsOf(view, train).length,
    trainImages: train.length,
    validationImages: validation.length,
    texts: new Set([...train, ...validation].flatMap((image) => view.captionsOf[image] ?? [])).size,
    evaluated: plan.evaluateEvery > 0,
  };
}

function pictureAt(view: DatasetView, index: number) {
  const image = view.images[index];
  if (image === undefined) throw new Error(`There is no picture ${index}.`);
  return image;
}

/** Notes in what a run differs from the one before it, and its colour; a list of runs that cannot be read keeps none from beginning. */
async function withSince(run: Run): Promise<Run> {
  const { items } = await listRuns().catch(() => ({ items: [] }));
  return { ...run, since: changesSince(run, items), colour: nextColour(items) };
}

function newRun(
  { runId, name, recipe, datasetId }: Requests['train']['params'],
  view: DatasetView,
  plan: RunPlan,
  base: RunBase,
  environment: Run['environment'],
  kernels: Run['kernels'],
  { labels, scales = null }: Pick<TrainingTask, 'labels' | 'scales'>,
): Run {
  const { stepsPerEpoch, batchSize, microBatches, evaluateEvery } = plan;
  return {
    id: runId,
    name,
    recipe,
    base,
    plan: { stepsPerEpoch, batchSize, microBatches, evaluateEvery },
    dataset: {
      id: datasetId,
      name: view.dataset.name,
      images: view.images.length,
      train: imagesOf(view, 'train').length,
      validation: imagesOf(view, 'validation').length,
      test: imagesOf(view, 'test').length,
      split: view.dataset.split,
      fingerprint: view.fingerprint,
    },
    environment,
    kernels,
    createdAt: Date.now(),
    endedAt: null,
    state: 'running',
    message: '',
    totalSteps: plan.totalSteps,
    stepsDone: 0,
    seconds: 0,
    baseline: null,
    evaluations: [],
    bestStep: null,
    weightsStep: null,
    tensors: [],
    predictions: null,
    labels: labels === null ? null : [...labels],
    scales: scales === null ? null : [...scales],
    test: null,
    remarks: '',
    tags: [],
  };
}
