import { usingDataset } from '../../dataset/holds';
import { isImporting } from '../../dataset/recovery';
import type { Executor } from '../../engine/executor';
import { stepFlops } from '../../engine/graph/flops';
import type { Architecture } from '../../model/families/family';
import { recipeSchema } from '../../recipe/schema';
import { usingBaseModel } from '../../runs/base-model';
import { asTrainer } from '../../runs/lock';
import { nextColour } from '../../runs/colours';
import { changesSince } from '../../runs/since';
import { listRuns, readRun } from '../../runs/store';
import type { Run, RunBase } from '../../runs/types';
import type { NamedTensor } from '../../runs/weight-set';
import { holdingDatabase } from '../../storage/db';
import { featureCache } from '../../storage/feature-cache/here';
import type { Backend } from '../compute/backend';
import type { OwnValues } from '../features/weight-store';
import { imagesOf, pairsOf, splitsOf, type DatasetView } from '../data/dataset-view';
import type { DeviceLock } from '../device-lock';
import { checkMemory, wantsLessMemory, withRemedies } from '../session/memory-check';
import { isCancelled, StudioError } from '../../protocol/errors';
import type { ModelLibrary, OpenedModel } from './models';
import { microBatchRows, precisionNotes, precisionOf, planRun, stepAtShare, type RunPlan } from '../data/plan';
import { runMemory, type RunSituation } from '../session/run-memory';
import type { Requests, RunChange, StopKeeping, TrainingEvent, UnstoredWeights } from '../../protocol/protocol';
import type { RunEvent } from '../../protocol/run-events';
import { Checkpoints, storedCheckpoints } from '../session/checkpoints';
import { Recorder } from '../session/recorder';
import { Reporter } from '../session/reporter';
import { TrainingSession } from '../session/session';
import { workerOf } from '../tasks';
import type { TrainingTask } from '../tasks/task';
import { placeOf, wentOn } from './going-on';
import { createRunTask, groupsOf } from './run-task';
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
  /** Ends what else works on the device for its own sake, as soon as a run is to begin. */
  readonly makeWay: () => Promise<void>;
}

/** Starts runs, one at a time, and passes commands on to the one in progress. */
export class TrainingService {
  private session: TrainingSession | null = null;
  private preparing: AbortController | null = null;
  private starting = false;
  private gentle = false;

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
    return this.alone({ ...params, left: null, goesOn: null }, signal);
  }

  /**
   * Goes on with a run from its newest checkpoint, as `train` begins one.
   *
   * @throws StudioError `busy`; `not-found`; `no-checkpoint`; `mismatch` where its data or its model are not what they were
   */
  async goOn(
    { runId, change, until }: Requests['goOn']['params'],
    signal: AbortSignal,
  ): Promise<Requests['train']['result']> {
    const run = await readRun(runId);
    if (run === null) throw new StudioError('not-found', 'This run is not stored here any more.');
    const { name, recipe, dataset } = run;
    return this.alone(
      {
        runId,
        name,
        recipe,
        datasetId: dataset.id,
        ...(until === undefined ? {} : { until }),
        left: run,
        goesOn: { change: change ?? null },
      },
      signal,
    );
  }

  private async alone(params: Start, signal: AbortSignal): Promise<Requests['train']['result']> {
    if (this.starting) throw new StudioError('busy', 'A run is in progress. Wait for its end, or stop it.');
    this.starting = true;
    const stopped = new AbortController();
    this.preparing = stopped;
    let unstored: UnstoredWeights | null = null;
    try {
      await this.services.makeWay();
      const either = AbortSignal.any([signal, stopped.signal]);
      const done = await asTrainer(params.runId, () =>
        holdingDatabase(() => this.holding(params, () => this.inMemory(params, either))),
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

  /** Leaves the device idle part of the time, or no longer, in this run and in those to come. */
  beGentle(gentle: boolean): void {
    this.gentle = gentle;
  }

  /**
   * Passes something on to the run in progress.
   * @throws StudioError `not-running`
   */
  command(tell: (commands: TrainingSession['commands']) => void): void {
    if (this.session !== null) {
      tell(this.session.commands);
      return;
    }
    throw new StudioError(
      'not-running',
      this.starting ? 'The run is still being prepared. Try again in a moment.' : 'No run is in progress.',
    );
  }

  /** Stops the run in progress, or the preparations for one. */
  stop(keep: StopKeeping): void {
    if (this.session === null && this.preparing !== null) {
      this.preparing.abort(new StudioError('cancelled', 'Cancelled.'));
    } else this.command((commands) => commands.stop(keep));
  }

  /** Does `work` while neither the pictures nor the model of a run can be deleted, in whichever tab. */
  private holding<T>({ datasetId, recipe }: Start, work: () => Promise<T>): Promise<T> {
    const stored = this.services.models.storedAs(recipe.model);
    return usingDataset(datasetId, () => usingBaseModel(stored, work));
  }

  /** Trains. Where memory does not suffice, batches are computed in more parts, as often as that helps. */
  private async inMemory(params: Start, signal: AbortSignal): Promise<UnstoredWeights | null> {
    let start = params;
    for (;;) {
      const done = await this.run(start, signal);
      if (!('again' in done)) return done.unstored;
      start = { ...params, left: done.again, goesOn: null };
    }
  }

  /** @returns what its record would say of weights that could not be stored; or how it was left for another try */
  private async run(params: Start, signal: AbortSignal): Promise<Outcome> {
    const { backend, models, registry, lock, send } = this.services;
    const { left, goesOn } = params;
    const recipe = recipeSchema.parse(params.recipe);
    const now = (): number => performance.now();
    const checkpoints = new Checkpoints(storedCheckpoints(params.runId), now);
    const { snapshot: from, damaged } = await placeOf(left, checkpoints, goesOn !== null);
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
    const planned = planRun(recipe, pairsOf(view, imagesOf(view, 'train')).length, imagesOf(view, 'validation').length);
    const plan = { ...planned, microBatches: left === null ? planned.microBatches : partsOf(left, planned) };
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
    const made = await createRunTask({
      model,
      view,
      recipe,
      plan,
      executor,
      lock,
      pixels: registry.pixelsOf(model),
      cache: featureCache,
      signal,
    }).catch(refuse);
    try {
      const { task, store, own } = made;
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
        const computer = await backend.computer(tuned.executor);
        checkpoints.computer = computer;
        const recorder = new Recorder(record, now, undefined, (problem) => {
          reporter.event({ type: 'storage', runId: params.runId, problem });
        });
        const happened = async (event: RunEvent, change: Partial<Run> = {}): Promise<void> => {
          await recorder.happened(event, change);
          const { totalSteps } = recorder.record;
          reporter.event({ type: 'happened', runId: params.runId, event, totalSteps });
        };
        if (left === null) await recorder.begin(splitsOf(view));
        else if (goesOn === null) await recorder.update({});
        else for (const event of wentOn(from, damaged, computer)) await happened(event);
        const smaller = moreParts(plan);
        const session = new TrainingSession({
          recipe,
          plan: {
            ...plan,
            notes: [...plan.notes, ...precisionNotes(recipe, executor), ...task.notes, ...tuned.notes],
          },
          task,
          device: { executor: tuned.executor, store, lock },
          groups: groupsOf(model, recipe, task),
          recorder,
          reporter,
          now,
          explain,
          from,
          checkpoints,
          until: params.until === undefined ? null : stepAtShare(plan, params.until),
          beginning: (names) => tensorsOf(names, model, own),
          recovers: (error) => smaller !== null && !signal.aborted && wantsLessMemory(error),
          gentle: () => this.gentle,
        });
        this.session = session;
        const { commands } = session;
        if (goesOn !== null && goesOn.change !== null) commands.change(goesOn.change);
        signal.addEventListener('abort', () => commands.stop('as-planned'), { once: true });
        // It may have fired while the run was written down.
        if (signal.aborted) commands.stop('as-planned');
        const reason = await session.run();
        await backend.noteFailure(session.failure);
        if (reason === 'again' && smaller !== null) {
          const { plan: noted, stepsDone: step } = recorder.record;
          const event = { kind: 'micro-batches', step, at: Date.now(), from: plan.microBatches, to: smaller } as const;
          await happened(event, { plan: noted && { ...noted, microBatches: smaller } });
          return { again: recorder.record };
        }
        if (recorder.unstored !== null) registry.holdUnstored(params.runId, recorder.unstored);
        return { unstored: recorder.unstored?.of ?? null };
      } finally {
        this.session = null;
      }
    } catch (error) {
      return refuse(error);
    } finally {
      made.dispose();
    }
  }

  private async environment(description: string): Promise<Run['environment']> {
    const { adapter, version } = await this.services.backend.describe();
    return { backend: description, adapter, userAgent: navigator.userAgent, version };
  }
}

/** What is to be trained. */
interface Start extends Readonly<Requests['train']['params']> {
  /** The run as it was left; null for one that begins. */
  readonly left: Run | null;
  /** It was interrupted or had ended, and goes on with these changes; null where it did not stop. */
  readonly goesOn: { readonly change: RunChange | null } | null;
}

/** Null: all weights are stored. `again`: the run as it was left, which another try goes on with. */
type Outcome = { readonly unstored: UnstoredWeights | null } | { readonly again: Run };

/** In how many parts a run that goes on computes its batches: those of its recipe, or what memory made of them. */
function partsOf({ events }: Run, planned: RunPlan): number {
  const changed = events.findLast((event) => event.kind === 'micro-batches');
  return changed === undefined ? planned.microBatches : changed.to;
}

/** In how many parts batches need about half as much memory; null where they cannot be cut further. */
function moreParts(plan: RunPlan): number | null {
  return microBatchRows(plan) < 2 ? null : Math.min(2 * plan.microBatches, plan.batchSize);
}

/** Tensors as a run begins with them, one by one. */
function* tensorsOf(
  names: readonly string[],
  { tensors }: OpenedModel,
  own: readonly OwnValues[],
): Generator<NamedTensor, void, undefined> {
  const added = new Map(own.map(({ name, values }) => [name, values]));
  for (const name of names) {
    const values = added.get(name) ?? tensors.get(name);
    if (values === undefined) throw new Error(`There is no tensor "${name}" to begin with.`);
    yield [name, values];
  }
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

/** What of a run its memory depends on. */
export function situationOf(
  view: DatasetView,
  plan: RunPlan,
  architecture: Architecture,
  executor: Executor,
): RunSituation {
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

/** Notes in what a run differs from the one before it, and its colour; a list of runs that cannot be read keeps none from beginning. */
async function withSince(run: Run): Promise<Run> {
  const { items } = await listRuns().catch(() => ({ items: [] }));
  return { ...run, since: changesSince(run, items), colour: nextColour(items) };
}

function newRun(
  { runId, name, recipe, datasetId, sweep }: Requests['train']['params'],
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
    events: [],
    baseline: null,
    evaluations: [],
    bestStep: null,
    weightsStep: null,
    tensors: [],
    predictions: null,
    labels: labels === null ? null : [...labels],
    scales: scales === null ? null : [...scales],
    test: null,
    sweep: sweep ?? null,
    remarks: '',
    tags: [],
  };
}
