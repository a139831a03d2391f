import { expect } from 'vitest';
import { EngineError, type Executor, type InputData, type TensorMap, type TrainerOptions } from '../executor';
import type { TrainingProgram } from '../graph/differentiate';
import { stateEntries } from '../trainer-state';
import { towerInputs, towerTensors, twoTowers } from '../tfjs/testing/two-towers';

/** What is trained in a check. */
export interface Subject {
  readonly program: TrainingProgram;
  readonly weights: TensorMap;
  /** The batch of a step. */
  readonly inputs: (step: number) => InputData;
}

const adam = { beta1: 0.9, beta2: 0.98, epsilon: 1e-6 } as const;

/** One of each kind of optimizer. */
export const optimizers: readonly TrainerOptions['optimizer'][] = [
  { type: 'adamw', ...adam },
  { type: 'adam', ...adam },
  { type: 'sgd', momentum: 0.9, nesterov: true },
];

export function optionsOf(optimizer: TrainerOptions['optimizer']): TrainerOptions {
  return { optimizer, weightDecay: 0.1, groups: [], maxGradNorm: 1 };
}

/** Two towers whose third step has a loss that is not finite, so that optimizer and session count differently. */
const faltering: Subject = {
  program: twoTowers(),
  weights: towerTensors(),
  inputs: (step) => (step === 3 ? { ...towerInputs(), 'image.x': new Float32Array(20).fill(NaN) } : towerInputs()),
};

/** Ten steps, and five steps that another trainer on other buffers continues from state and weights, end with the same bits. */
export async function checkContinuation(
  executor: Executor,
  options: TrainerOptions,
  { program, weights, inputs }: Subject = faltering,
  start: (state: Map<string, Float32Array>) => void = () => undefined,
): Promise<void> {
  const train = async (from: TensorMap, state: TensorMap | null, first: number, last: number) => {
    const store = await executor.createStore(program.graph.parameters, from);
    const trainer = await executor.compileTraining(program, store, options);
    if (state === null) {
      const fresh = await trainer.snapshot();
      start(fresh);
      await trainer.restore(fresh);
    } else await trainer.restore(state);
    for (let step = first; step <= last; step++) {
      await trainer.step(inputs(step), { step, learningRate: 0.1 / (step + 9), seed: 70 + step });
    }
    const readings = await trainer.readings(true);
    const end = { readings, weights: await store.read(), state: await trainer.snapshot() };
    trainer.dispose();
    store.dispose();
    return end;
  };
  const straight = await train(weights, null, 1, 10);
  const half = await train(weights, null, 1, 5);
  const rest = await train(half.weights, half.state, 6, 10);
  expect(rest.weights).toEqual(straight.weights);
  expect(rest.state).toEqual(straight.state);
  expect([...half.readings, ...rest.readings]).toEqual(straight.readings);
  expect(straight.weights).not.toEqual(half.weights);
}

/** The optimizer counts the steps that it takes and no others. */
export async function checkCount(executor: Executor): Promise<void> {
  const { program, weights, inputs } = faltering;
  for (const optimizer of optimizers) {
    const store = await executor.createStore(program.graph.parameters, weights);
    const trainer = await executor.compileTraining(program, store, optionsOf(optimizer));
    for (const step of [1, 2, 3, 4]) await trainer.step(inputs(step), { step, learningRate: 0.01, seed: 1 });
    expect((await trainer.snapshot()).get(stateEntries.steps)).toEqual(Float32Array.of(3));
    trainer.dispose();
    store.dispose();
  }
}

/** A state that lacks an entry, has one too many or one of another length is refused by name, and nothing of it is written. */
export async function checkRefusedStates(executor: Executor): Promise<void> {
  const { program, weights, inputs } = faltering;
  const store = await executor.createStore(program.graph.parameters, weights);
  const trainer = await executor.compileTraining(program, store, optionsOf({ type: 'adamw', ...adam }));
  await trainer.step(inputs(1), { step: 1, learningRate: 0.01, seed: 1 });
  const before = await trainer.snapshot();
  const changes: readonly [RegExp, (state: Map<string, Float32Array>) => void][] = [
    [/lacks image\.exp_avg_sq/, (state) => state.delete('image.exp_avg_sq')],
    [/lacks optimizer\.steps/, (state) => state.delete(stateEntries.steps)],
    [/without a use for them, other\.exp_avg/, (state) => state.set('other.exp_avg', new Float32Array(3))],
    [/loss_scaling\.scale/, (state) => state.set(stateEntries.lossScale, Float32Array.of(1024))],
    [/text\.exp_avg \(29 instead of 30\)/, (state) => state.set('text.exp_avg', new Float32Array(29))],
    [/optimizer\.steps = -1/, (state) => state.set(stateEntries.steps, Float32Array.of(-1))],
    [/optimizer\.steps = NaN/, (state) => state.set(stateEntries.steps, Float32Array.of(NaN))],
    [
      /lacks image\.exp_avg; it has.*other; it has the wrong.*scale\.exp_avg \(2 instead of 1\)/,
      (state) => {
        state.delete('image.exp_avg');
        state.set('other', new Float32Array(1)).set('scale.exp_avg', new Float32Array(2));
      },
    ],
  ];
  for (const [message, change] of changes) {
    const state = new Map([...before].map(([name, values]) => [name, values.map((value) => value + 1)]));
    change(state);
    const writing = trainer.restore(state);
    await expect(writing).rejects.toThrow(EngineError);
    await expect(writing).rejects.toThrow(message);
    expect(await trainer.snapshot()).toEqual(before);
  }
  trainer.dispose();
  store.dispose();
}
