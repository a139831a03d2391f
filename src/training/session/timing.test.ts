import { expect, test } from 'vitest';
import type { StepScalars } from '../../engine/executor';
import type { RunPlan } from '../data/plan';
import { runTime } from '../data/run-time';
import { DeviceLock } from '../device-lock';
import { FakeExecutor, FakeTask, recipeOf } from '../testing/fakes';
import { timeRun, type TimedRun } from './timing';

/** Seconds that parts of a run take in this test. */
const takes = { compile: 3, warmUp: 2, step: 0.25, sight: 1.5, firstEvaluation: 5, evaluation: 2, store: 0.5 };

function setup(change: Partial<TimedRun> = {}) {
  const clock = { seconds: 0 };
  const pass = (seconds: number): void => void (clock.seconds += seconds);
  const executor = new FakeExecutor();
  const compile = executor.compileTraining.bind(executor);
  executor.compileTraining = async () => {
    pass(takes.compile);
    const trainer = await compile();
    return {
      ...trainer,
      step: (inputs: Parameters<typeof trainer.step>[0], scalars: StepScalars) => {
        pass(scalars.step === 1 ? takes.warmUp : takes.step);
        return trainer.step(inputs, scalars);
      },
    };
  };
  const seen = new Set<number>();
  class SlowTask extends FakeTask {
    override inputs(batch: readonly number[], epoch: number) {
      const [first = -1] = batch;
      if (!seen.has(first)) pass(takes.sight);
      seen.add(first);
      return super.inputs(batch, epoch);
    }
    override evaluate(between: Parameters<FakeTask['evaluate']>[0]) {
      pass(this.evaluations === 0 ? takes.firstEvaluation : takes.evaluation);
      return super.evaluate(between);
    }
  }
  const plan: RunPlan = {
    totalSteps: 100,
    stepsPerEpoch: 2,
    batchSize: 2,
    samples: 4,
    evaluateEvery: 30,
    microBatches: 1,
    notes: [],
  };
  const options: TimedRun = {
    recipe: recipeOf({ augmentCrop: 0 }),
    plan,
    task: new SlowTask(2),
    device: { executor, store: executor.store, lock: new DeviceLock() },
    groups: [],
    // Three passes instead of one.
    evaluated: { timed: 2, whole: 70 },
    checkpointBytes: 12,
    store: () => Promise.resolve(pass(takes.store)),
    now: () => 1000 * clock.seconds,
    pause: () => Promise.resolve(),
    ...change,
  };
  return { executor, options, clock };
}

test('times what a run is made of, and leaves the weights at a rate of zero', async () => {
  const { executor, options } = setup();
  const timing = await timeRun(options);
  expect(timing.step).toBeCloseTo(takes.step);
  expect(timing.start).toBeCloseTo(takes.compile + takes.warmUp - takes.step);
  expect(timing.firstSight).toBeCloseTo(takes.sight);
  // Two samples were seen for the first time as those of a batch are; the rest was getting ready.
  const ready = takes.firstEvaluation - takes.evaluation - takes.sight;
  expect(timing.firstEvaluation).toBeCloseTo(ready + 3 * takes.evaluation + 35 * takes.sight);
  expect(timing.evaluation).toBeCloseTo(3 * takes.evaluation);
  expect(timing.weights).toBeCloseTo(takes.store);
  // One of the three tensors that it consists of was stored for a trial.
  expect(timing.checkpoint).toBeCloseTo(3 * takes.store);
  expect(timing.timedSteps).toBe(4);
  expect(executor.scalars.every(({ learningRate }) => learningRate === 0)).toBe(true);
  expect(executor.disposedTrainers).toBe(1);
});

test('ends where the pause throws, and gives the step up', async () => {
  let pauses = 0;
  const { executor, options } = setup({
    pause: () => (++pauses > 6 ? Promise.reject(new Error('enough')) : Promise.resolve()),
  });
  await expect(timeRun(options)).rejects.toThrow('enough');
  expect(executor.disposedTrainers).toBe(1);
});

const timing = {
  start: 4,
  firstEvaluation: 15,
  evaluation: 6,
  step: 0.25,
  firstSight: 1.5,
  weights: 0,
  checkpoint: 0,
  timedSteps: 4,
};
const plan = { totalSteps: 100, stepsPerEpoch: 10, evaluateEvery: 30 };

test('a run is as long as its parts', () => {
  const still = runTime(timing, plan, recipeOf({ augmentCrop: 0 }));
  const parts = { steps: 25, firstSight: 15, evaluations: 39, evaluationCount: 5, storing: 0 };
  const total = 4 + 25 + 15 + 39;
  expect(still).toEqual({ total, least: total, most: total, ...parts });
  const views = runTime(timing, plan, recipeOf({ augmentCrop: 0.2, cachedViews: 4 }));
  expect(views.firstSight).toBe(60);
  // What an earlier run has seen is kept, but for views that are fresh each time.
  expect(runTime(timing, plan, recipeOf({ augmentCrop: 0 }), true)).toMatchObject({ firstSight: 0, evaluations: 30 });
  expect(runTime(timing, plan, recipeOf({ augmentCrop: 0.2, cachedViews: 0 }), true).firstSight).toBe(15);
  expect(runTime(timing, { ...plan, evaluateEvery: 0 }, recipeOf()).evaluations).toBe(0);
});

test('weights that become the best are stored, and checkpoints at their interval and at the end', () => {
  const stores = { ...timing, weights: 3, checkpoint: 0.4 };
  const work = 4 + 25 + 15 + 39;
  const time = runTime(stores, plan, recipeOf({ augmentCrop: 0 }));
  // Of four evaluations one has to be the best, and all may be; a checkpoint takes 2 % of the 20 seconds until the next.
  expect(time.least).toBeCloseTo(work + 3 + 5 * 0.4);
  expect(time.most).toBeCloseTo(work + 12 + 5 * 0.4);
  expect(time.total).toBeGreaterThan(time.least);
  expect(time.total).toBeLessThan(time.most);
  // The last weights are saved every 15 seconds at most.
  const last = runTime({ ...stores, checkpoint: 0 }, plan, recipeOf({ augmentCrop: 0, restoreBest: false }));
  expect(last.storing).toBe(5 * 3);
  expect(last).toMatchObject({ least: last.total, most: last.total });
});
