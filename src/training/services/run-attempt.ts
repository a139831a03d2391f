import { recipeSchema } from '../../recipe/schema';
import type { Run } from '../../runs/types';
import type { NamedTensor } from '../../runs/weight-set';
import { featureCache } from '../../storage/feature-cache/here';
import type { Requests } from '../../protocol/protocol';
import type { RunChange, UnstoredWeights } from '../../protocol/run-control';
import type { TrainingEvent } from '../../protocol/training';
import type { Backend } from '../compute/backend';
import { splitsOf } from '../data/dataset-view';
import { microBatchCount, microBatchRows, precisionNotes, precisionOf, stepAtShare, type RunPlan } from '../data/plan';
import type { DeviceLock } from '../device-lock';
import type { OwnValues } from '../features/weight-store';
import { Checkpoints, storedCheckpoints } from '../session/checkpoints';
import { noteEvent } from '../session/event-log';
import { wantsLessMemory, withRemedies } from '../session/memory-check';
import { Recorder } from '../session/recorder';
import { PartsPlanned } from '../session/planned-changes';
import { Reporter } from '../session/reporter';
import { runMemory } from '../session/run-memory';
import { TrainingSession } from '../session/session';
import type { ModelLibrary, OpenedModel } from './models';
import { placeOf, wentOn } from './going-on';
import { openRun } from './run-opening';
import { newRecord } from './run-record';
import { createRunTask, groupsOf } from './run-task';
import type { WeightsRegistry } from './weights';

/** What an attempt works with. */
export interface AttemptServices {
  readonly backend: Backend;
  readonly models: ModelLibrary;
  readonly registry: WeightsRegistry;
  readonly lock: DeviceLock;
  readonly send: (event: TrainingEvent) => void;
}

/** What is to be trained, and from where: a run that begins, or one that goes on from where it was left. */
export interface RunStart extends Readonly<Requests['train']['params']> {
  /** The run as it was left; null for one that begins. */
  readonly left: Run | null;
  /** It was interrupted or had ended, and goes on with these changes, `anyway` without a checkpoint; null where it did not stop. */
  readonly goesOn: { readonly change: RunChange | null; readonly anyway: boolean } | null;
}

interface AttemptControl {
  readonly signal: AbortSignal;
  /** Whether the device is to be left idle part of the time. */
  readonly gentle: () => boolean;
  /** Is given the session while it trains, and null when it is over. */
  readonly onSession: (session: TrainingSession | null) => void;
}

/** What became of an attempt: what its record would say of weights that could not be stored, null where all are; or how it was left for another. */
export type Outcome = { readonly unstored: UnstoredWeights | null } | { readonly again: Run };

/**
 * One attempt at a run: opens model and data, moves the model to the device, chooses kernels, begins the record and trains. What it holds on the device
 * is released however it ends. Where memory does not suffice, it leaves the run for another attempt in smaller parts.
 */
export async function attemptRun(
  services: AttemptServices,
  start: RunStart,
  { signal, gentle, onSession }: AttemptControl,
): Promise<Outcome> {
  const { backend, registry, lock, send } = services;
  const { runId, left, goesOn } = start;
  const recipe = recipeSchema.parse(start.recipe);
  const now = (): number => performance.now();
  const checkpoints = new Checkpoints(storedCheckpoints(runId), now);
  const place = await placeOf(left, checkpoints, goesOn?.anyway === false);
  const reporter = new Reporter(runId, send, now);
  const { model, base, view, plan, executor, situation } = await openRun(services, start, recipe, reporter, signal);
  const explain = (error: unknown): unknown => withRemedies(error, recipe, situation);
  const refuse = (error: unknown): never => {
    throw explain(error);
  };
  // What lay on the device for searching makes room; it comes back when it is asked for.
  await registry.clear();
  signal.throwIfAborted();
  reporter.phase('preparing', `Moving the model to ${executor.description}`);
  const pixels = registry.pixelsOf(model);
  const options = { model, view, recipe, plan, executor, lock, pixels, cache: featureCache, signal };
  const made = await createRunTask(options).catch(refuse);
  try {
    const { task, store, own } = made;
    signal.throwIfAborted();
    reporter.phase('preparing', 'Timing kernels');
    const tuned = await backend.tuned(executor, task.program.graph, {
      precision: precisionOf(recipe, executor),
      room: runMemory(recipe, situation)?.total,
      ...(left?.kernels ? { pinned: left.kernels } : {}),
    });
    signal.throwIfAborted();
    const environment = await environmentOf(backend, executor.description);
    const record =
      left === null
        ? await newRecord({ request: start, view, plan, base: await base, environment, kernels: tuned.kernels, task })
        : { ...left, state: 'running' as const, message: '', endedAt: null };
    const computer = await backend.computer(tuned.executor);
    checkpoints.computer = computer;
    const recorder = new Recorder(record, now, undefined, (problem) => {
      reporter.event({ type: 'storage', runId, problem });
    });
    const witnesses = { recorder, reporter };
    if (left === null) await recorder.begin(splitsOf(view));
    else if (goesOn === null) await recorder.update({});
    else for (const event of wentOn(place, computer)) await noteEvent(witnesses, event);
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
      from: place.snapshot,
      checkpoints,
      until: start.until === undefined ? null : stepAtShare(plan, start.until),
      beginning: (names) => tensorsOf(names, model, own),
      recovers: (error) =>
        error instanceof PartsPlanned || (smaller !== null && !signal.aborted && wantsLessMemory(error)),
      gentle,
    });
    onSession(session);
    const { commands } = session;
    if (goesOn !== null && goesOn.change !== null) commands.change(goesOn.change);
    signal.addEventListener('abort', () => commands.stop('as-planned'), { once: true });
    // It may have fired while the run was written down.
    if (signal.aborted) commands.stop('as-planned');
    const reason = await session.run();
    if (!(session.failure instanceof PartsPlanned)) await backend.noteFailure(session.failure);
    const parts = session.failure instanceof PartsPlanned ? session.failure.parts : smaller;
    if (reason === 'again' && parts !== null) {
      const { plan: noted } = recorder.record;
      // The next attempt begins there, and with it the smaller parts.
      const step = (await checkpoints.newest())?.state.step ?? 0;
      const event = { kind: 'micro-batches', step, at: Date.now(), from: plan.microBatches, to: parts } as const;
      await noteEvent(witnesses, event, { plan: noted && { ...noted, microBatches: parts } });
      return { again: recorder.record };
    }
    if (recorder.unstored !== null) registry.holdUnstored(runId, recorder.unstored);
    return { unstored: recorder.unstored?.of ?? null };
  } catch (error) {
    return refuse(error);
  } finally {
    onSession(null);
    made.dispose();
  }
}

async function environmentOf(backend: Backend, description: string): Promise<Run['environment']> {
  const { adapter, version } = await backend.describe();
  return { backend: description, adapter, userAgent: navigator.userAgent, version };
}

/** In how many parts batches need about half as much memory; null where they cannot be cut further. */
function moreParts(plan: RunPlan): number | null {
  const rows = microBatchRows(plan);
  return rows < 2 ? null : microBatchCount(plan.batchSize, Math.ceil(rows / 2));
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
