import { elementCount } from '../../engine/graph/value';
import type { ParameterGroup } from '../../engine/executor';
import type { RunTiming } from '../../protocol/run-timing';
import type { Recipe } from '../../recipe/schema';
import type { RunPlan } from '../data/plan';
import type { Device } from '../features/tower';
import { mixSeed } from '../random';
import type { TrainingTask } from '../tasks/task';
import { evaluationRows } from '../budgets';
import { currentWeights } from './current-weights';
import { trainerOptions } from './trainer-options';

/** Steps and milliseconds that are timed: at least so many steps, then until one of the other bounds. */
const fewestSteps = 3;
const mostSteps = 20;
const enough = 1_000;
/** Where steps are so slow that a few of them take this long, fewer have to do. */
const patience = 6_000;
/** Bytes of weights that are read and stored for a trial; the rest takes as long as their share. */
const trialBytes = 16 * 2 ** 20;

export interface TimedRun {
  readonly recipe: Recipe;
  /** How batches are made; of its steps and evaluations only some are done. */
  readonly plan: RunPlan;
  readonly task: TrainingTask;
  readonly device: Device;
  readonly groups: readonly ParameterGroup[];
  /** Samples that an evaluation of the task goes through, and one of the run. */
  readonly evaluated: { readonly timed: number; readonly whole: number };
  /** Bytes of a checkpoint of the run. */
  readonly checkpointBytes: number;
  /** Writes some bytes to where the run would be stored. */
  readonly store: (bytes: ArrayBuffer) => Promise<void>;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  /** Awaited between parts of the work; throwing in it ends the timing. */
  readonly pause: () => Promise<void>;
}

/**
 * Does a little of what a run does, in its order, and takes the times: the evaluation of the base model, a step for warming up, some more with the
 * next batch prepared meanwhile, another evaluation, and the storing of some weights. Steps are taken at a rate of zero.
 */
export async function timeRun(run: TimedRun): Promise<RunTiming> {
  const { recipe, plan, task, device, evaluated, now, pause } = run;
  const seconds = async (work: () => Promise<unknown>): Promise<number> => {
    const began = now();
    await work();
    const took = (now() - began) / 1000;
    await pause();
    return took;
  };
  const evaluate = async (): Promise<number> => (plan.evaluateEvery === 0 ? 0 : seconds(() => task.evaluate(pause)));
  const batches = task.batches(0).map((batch) => batch.slice(0, plan.batchSize));
  const [first = [], second = first] = batches;
  const inputs = (batch: readonly number[]) => task.inputs(batch, 0);

  const firstEvaluation = await evaluate();
  const compiling = now();
  const trainer = await device.lock.run(() =>
    device.executor.compileTraining(task.program, device.store, trainerOptions(run)),
  );
  try {
    const compiled = (now() - compiling) / 1000;
    await pause();
    let step = 0;
    const issue = async (data: Awaited<ReturnType<typeof inputs>>['data']): Promise<void> => {
      step++;
      await device.lock.run(() => trainer.step(data, { step, learningRate: 0, seed: mixSeed(recipe.seed, step) }));
    };
    const drain = () => device.lock.run(() => trainer.readings(true));
    const sightOfFirst = await seconds(() => inputs(first));
    const { data } = await inputs(first);
    const warmUp = await seconds(async () => {
      await issue(data);
      await drain();
    });
    const sight = second === first ? sightOfFirst : await seconds(() => inputs(second));
    const again = await seconds(() => inputs(second));

    const began = now();
    const goesOn = (done: number): boolean => {
      const took = now() - began;
      if (done >= mostSteps || (done > 0 && took > patience)) return false;
      return done < fewestSteps || took < enough;
    };
    let timedSteps = 0;
    let next = inputs(first);
    while (goesOn(timedSteps)) {
      const prepared = await next;
      next = inputs(timedSteps % 2 === 0 ? second : first);
      // Awaited in the next round; until then a failure must not count as unhandled.
      next.catch(() => undefined);
      await issue(prepared.data);
      await trainer.readings(false);
      timedSteps++;
      await pause();
    }
    await drain();
    const each = (now() - began) / 1000 / timedSteps;
    await next;
    const evaluation = await evaluate();
    const storing = await timeStoring(run, seconds);
    const scale = passes(evaluated.whole) / passes(evaluated.timed);
    const firstSight = Math.max(0, sight - again);
    // What is left of the first evaluation was spent on getting ready, however many samples there are.
    const ofASample = firstSight / second.length;
    const ready = Math.max(0, firstEvaluation - evaluation - ofASample * evaluated.timed);
    return {
      start: compiled + Math.max(0, warmUp - each),
      firstEvaluation: plan.evaluateEvery === 0 ? 0 : ready + scale * evaluation + ofASample * evaluated.whole,
      evaluation: scale * evaluation,
      step: each,
      firstSight,
      ...storing,
      timedSteps,
    };
  } finally {
    trainer.dispose();
  }
}

/** Samples are computed a fixed number at a time, however few there are. */
function passes(samples: number): number {
  return Math.max(1, Math.ceil(samples / evaluationRows));
}

/** Reads some of what is trained from the device and stores it as weights are, tensor by tensor, and as checkpoints are, in one piece. */
async function timeStoring(
  { task, device, checkpointBytes, store }: TimedRun,
  seconds: (work: () => Promise<unknown>) => Promise<number>,
): Promise<Pick<RunTiming, 'weights' | 'checkpoint'>> {
  const tensors: Float32Array[] = [];
  let bytes = 0;
  const reading = await seconds(async () => {
    for await (const [, values] of currentWeights(task.trainable, device).read()) {
      tensors.push(values);
      bytes += values.byteLength;
      if (bytes >= trialBytes) break;
    }
  });
  if (bytes === 0) return { weights: 0, checkpoint: 0 };
  const oneByOne = await seconds(async () => {
    for (const values of tensors) await store(values.slice().buffer);
  });
  const together = await seconds(async () => {
    const piece = new Float32Array(bytes / 4);
    let at = 0;
    for (const values of tensors) {
      piece.set(values, at);
      at += values.length;
    }
    await crypto.subtle.digest('SHA-256', piece);
    await store(piece.buffer);
  });
  const trained = new Set(task.trainable);
  const parts = device.store.specs.flatMap((spec) => spec.parts).filter(({ name }) => trained.has(name));
  const weightBytes = parts.reduce((sum, { shape }) => sum + 4 * elementCount(shape), 0);
  return {
    weights: (Math.max(bytes, weightBytes) / bytes) * (reading + oneByOne),
    checkpoint: (Math.max(bytes, checkpointBytes) / bytes) * (reading + together),
  };
}
