import { version } from '../../../package.json';
import { z } from 'zod';
import { usingDataset } from '../../dataset/holds';
import { StudioError } from '../../protocol/errors';
import type { Requests } from '../../protocol/protocol';
import { runTimingSchema, type RunTiming } from '../../protocol/run-timing';
import { costKey } from '../../recipe/cost';
import { recipeSchema } from '../../recipe/schema';
import { database } from '../../storage/db';
import { storing } from '../../storage/storing';
import { evaluationRows } from '../budgets';
import { imagesOf, pairsOf } from '../data/dataset-view';
import { planRun, precisionOf } from '../data/plan';
import { thinnedView } from '../data/thinned-view';
import { yieldToMessages } from '../device-lock';
import { checkMemory } from '../session/memory-check';
import { runMemory, situationOf } from '../session/run-memory';
import { timeRun } from '../session/timing';
import { workerOf } from '../tasks';
import type { AttemptServices } from './run-attempt';
import { createRunTask, groupsOf } from './run-task';

/** Batches that are timed: one for warming up and one that is new. */
const timedBatches = 2;
/** Timings that are remembered, the newest. */
const mostRemembered = 64;

const rememberedSchema = z.array(z.object({ key: z.string(), timing: runTimingSchema }));
const setting = 'run-timings';

type Params = Requests['timeRun']['params'];

/**
 * Times a few steps of what would be trained, so that it can be said beforehand how long it will take. Only one timing is under way: the next ends the one
 * before, and so does a run.
 */
export class RunTimings {
  private current: { readonly controller: AbortController; readonly done: Promise<unknown> } | null = null;

  constructor(private readonly services: Omit<AttemptServices, 'send'>) {}

  /**
   * What the parts of a run take here; from memory where the same was timed before.
   *
   * @throws StudioError `cancelled`; what would keep the run from beginning
   */
  async time(params: Params, signal: AbortSignal): Promise<RunTiming> {
    const before = this.stop();
    const controller = new AbortController();
    const work = before.then(() => this.work(params, AbortSignal.any([signal, controller.signal])));
    const done = work.catch(() => undefined);
    const current = { controller, done };
    this.current = current;
    try {
      return await work;
    } catch (error) {
      if (controller.signal.aborted || signal.aborted) throw new StudioError('cancelled', 'Cancelled.');
      throw error;
    } finally {
      if (this.current === current) this.current = null;
    }
  }

  /** Ends the timing under way; resolves when the device is free of it. */
  async stop(): Promise<void> {
    this.current?.controller.abort();
    await this.current?.done;
  }

  private async work(params: Params, signal: AbortSignal): Promise<RunTiming> {
    signal.throwIfAborted();
    const { backend, models, registry, lock } = this.services;
    const pause = async (): Promise<void> => {
      await yieldToMessages();
      signal.throwIfAborted();
    };
    const recipe = recipeSchema.parse(params.recipe);
    const model = await models.open(recipe.model, null, { signal });
    const worker = workerOf(recipe);
    const whole = await worker.load(params.datasetId, recipe);
    const plan = planRun(recipe, pairsOf(whole, imagesOf(whole, 'train')).length, imagesOf(whole, 'validation').length);
    await pause();
    const executor = await backend.executor(model);
    await pause();
    const { adapter } = await backend.describe();
    const machine = [version, executor.description, adapter, globalThis.crossOriginIsolated];
    const batches = [plan.batchSize, plan.microBatches, plan.evaluateEvery > 0];
    const key = JSON.stringify([...machine, model.key, params.datasetId, ...batches, costKey(recipe)]);
    const known = await remembered(key);
    if (known !== null) return known;

    const situation = situationOf(whole, plan, model.architecture, executor);
    checkMemory(recipe, situation, await backend.capacity(executor.kind));
    const memory = runMemory(recipe, situation);
    const view = thinnedView(whole, timedBatches * plan.batchSize, evaluationRows);
    const few = { ...plan, stepsPerEpoch: Math.min(timedBatches, plan.stepsPerEpoch) };
    // As before a run, what lies on the device for searching makes room.
    await registry.clear();
    const timing = await usingDataset(params.datasetId, async () => {
      const now = (): number => performance.now();
      const began = now();
      const pixels = registry.pixelsOf(model);
      const options = { model, view, recipe, plan: few, executor, lock, pixels, cache: null, signal };
      const made = await createRunTask(options);
      const { task, store } = made;
      try {
        const created = (now() - began) / 1000;
        await pause();
        const tuned = await backend.tuned(executor, task.program.graph, {
          precision: precisionOf(recipe, executor),
          room: memory?.total,
        });
        await pause();
        const timed = await timeRun({
          recipe,
          plan: few,
          task,
          device: { executor: tuned.executor, store, lock },
          groups: groupsOf(model, recipe, task),
          evaluated: { timed: worker.evaluated(view, recipe), whole: worker.evaluated(whole, recipe) },
          checkpointBytes: memory === null ? 0 : memory.gradients + memory.moments,
          store: storeForTrial,
          now,
          pause,
        });
        return { ...timed, start: timed.start + created };
      } finally {
        made.dispose();
        await endTrial();
      }
    });
    await remember(key, timing);
    return timing;
  }
}

/** Where bytes are stored for a trial. */
const trial = 'run-timing-trial';

async function storeForTrial(bytes: ArrayBuffer): Promise<void> {
  // Where there is no room, the run says so; storing takes no time then.
  await (await database()).put('settings', bytes, trial).catch(() => undefined);
}

async function endTrial(): Promise<void> {
  await storing((db) => db.delete('settings', trial)).catch(() => undefined);
}

async function readAll(): Promise<z.infer<typeof rememberedSchema>> {
  return rememberedSchema.safeParse(await (await database()).get('settings', setting)).data ?? [];
}

async function remembered(key: string): Promise<RunTiming | null> {
  return (await readAll()).find((each) => each.key === key)?.timing ?? null;
}

/** Forgetting the oldest. What cannot be written down is timed again. */
async function remember(key: string, timing: RunTiming): Promise<void> {
  const others = (await readAll()).filter((each) => each.key !== key);
  const kept = [...others, { key, timing }].slice(-mostRemembered);
  await storing((db) => db.put('settings', kept, setting)).catch(() => undefined);
}
