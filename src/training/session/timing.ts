import type { ParameterGroup } from '../../engine/parameter-groups';
import type { RunTiming } from '../../protocol/run-timing';
import type { Recipe } from '../../recipe/schema';
import type { RunPlan } from '../data/plan';
import type { Device } from '../features/tower';
import { mixSeed } from '../random';
import type { TrainingTask } from '../tasks/task';
import { trainerOptions } from './trainer-options';

/** Steps and milliseconds that are timed: at least so many steps, then until one of the other bounds. */
const fewestSteps = 3;
const mostSteps = 20;
const enough = 1_000;
/** Where steps are so slow that a few of them take this long, fewer have to do. */
const patience = 6_000;

export interface TimedRun {
  readonly recipe: Recipe;
  /** How batches are made; of its steps and evaluations only some are done. */
  readonly plan: RunPlan;
  readonly task: TrainingTask;
  readonly device: Device;
  readonly groups: readonly ParameterGroup[];
  /** How many times as much an evaluation of the run has to do as one of the task. */
  readonly evaluationScale: number;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  /** Awaited between parts of the work; throwing in it ends the timing. */
  readonly pause: () => Promise<void>;
}

/**
 * Does a little of what a run does, in its order, and takes the times: the evaluation of the base model, a step for warming up, some more with the
 * next batch prepared meanwhile, and another evaluation. Steps are taken at a rate of zero.
 */
export async function timeRun(run: TimedRun): Promise<RunTiming> {
  const { recipe, plan, task, device, evaluationScale, now, pause } = run;
  const seconds = async (work: () => Promise<unknown>): Promise<number> => {
    const began = now();
    await work();
    const took = (now() - began) / 1000;
    await pause();
    return took;
  };
  const evaluate = async (): Promise<number> =>
    plan.evaluateEvery === 0 ? 0 : evaluationScale * (await seconds(() => task.evaluate(pause)));
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
    return {
      start: compiled + Math.max(0, warmUp - each),
      firstEvaluation,
      evaluation,
      step: each,
      firstSight: Math.max(0, sight - again),
      timedSteps,
    };
  } finally {
    trainer.dispose();
  }
}
