import { expect } from 'vitest';
import type { Executor, InputData, TrainerOptions } from '../../executor';
import { GraphBuilder } from '../../graph/builder';
import { contrastiveLoss } from '../../ops/contrastive-loss/node';
import { linear } from '../../ops/linear/node';
import { sigmoidLoss } from '../../ops/sigmoid-loss/node';
import { normalize } from '../../ops/normalize/node';
import { differentiate, type TrainingProgram } from '../../graph/differentiate';

/** Two linear towers of one layer: few kernels, since a software adapter takes long to compile each. */
export function twoTowers(batch = 4, lossName: 'contrastive' | 'sigmoid' = 'contrastive'): TrainingProgram {
  const builder = new GraphBuilder();
  const tower = (name: string) => {
    const weight = builder.parameter([6, 5], { name, shape: [6, 5] });
    return normalize(builder, linear(builder, builder.input(`${name}.x`, 'f32', [batch, 5]), weight));
  };
  const logitScale = builder.parameter([], { name: 'scale', shape: [] });
  const keys = { imageKeys: builder.input('keys', 'i32', [batch]), textKeys: builder.input('keys', 'i32', [batch]) };
  const [image, text] = [tower('image'), tower('text')];
  const loss =
    lossName === 'contrastive'
      ? contrastiveLoss(builder, image, text, logitScale, { ...keys, labelSmoothing: 0.1 })
      : sigmoidLoss(builder, image, text, {
          ...keys,
          logitScale,
          logitBias: builder.parameter([1], { name: 'bias', shape: [1] }),
        });
  const graph = builder.build({ loss });
  return differentiate(graph, loss, new Set(graph.parameters.map(({ value }) => value)));
}

const wave = (length: number, phase: number): Float32Array =>
  Float32Array.from({ length }, (_, i) => Math.sin(i * 1.7 + phase));

export const towerTensors = (): Map<string, Float32Array> =>
  new Map([
    ['image', wave(30, 1)],
    ['text', wave(30, 2)],
    ['scale', new Float32Array([2])],
    ['bias', new Float32Array([-3])],
  ]);

export const towerInputs = (): InputData => ({
  'image.x': wave(20, 3),
  'text.x': wave(20, 4),
  keys: new Int32Array([0, 1, 1, -1]),
});

const optimizers: readonly TrainerOptions['optimizer'][] = [
  { type: 'adamw', beta1: 0.9, beta2: 0.98, epsilon: 1e-6 },
  { type: 'sgd', momentum: 0.9, nesterov: false },
];

/**
 * A step whose loss or gradients are not finite leaves weights and state as they are, and the next goes on as if it had never been: with the bias
 * corrections of the steps that were taken.
 */
export async function checkSkippedSteps(executor: Executor): Promise<void> {
  const program = twoTowers();
  for (const optimizer of optimizers) {
    for (const maxGradNorm of [1, null]) {
      const options: TrainerOptions = {
        optimizer,
        weightDecay: 0.1,
        groups: [{ names: new Set(['scale']), clamp: [0, 4.6] }],
        maxGradNorm,
      };
      const begin = async () => {
        const store = await executor.createStore(program.graph.parameters, towerTensors());
        const trainer = await executor.compileTraining(program, store, options);
        const step = (number: number, inputs: InputData) =>
          trainer.step(inputs, { step: number, learningRate: 0.01, seed: 1 });
        return { store, trainer, step };
      };
      const { store, trainer, step } = await begin();
      await step(1, towerInputs());
      const before = { weights: await store.read(), state: await trainer.snapshot() };
      await step(2, { ...towerInputs(), 'image.x': new Float32Array(20).fill(NaN) });
      expect({ weights: await store.read(), state: await trainer.snapshot() }).toEqual(before);
      await step(3, towerInputs());
      const readings = await trainer.readings(true);
      expect(readings.map(({ loss }) => Number.isFinite(loss))).toEqual([true, false, true]);
      expect(readings[0]?.logitScale).toBeCloseTo(Math.exp(2), 4);
      const after = await store.read();
      for (const name of ['image', 'text', 'scale']) expect(after.get(name)).not.toEqual(before.weights.get(name));
      expect([...after.values()].every((values) => values.every(Number.isFinite))).toBe(true);
      const untroubled = await begin();
      await untroubled.step(1, towerInputs());
      await untroubled.step(2, towerInputs());
      expect(await untroubled.store.read()).toEqual(after);
      expect(await untroubled.trainer.snapshot()).toEqual(await trainer.snapshot());
      for (const { trainer: used, store: held } of [untroubled, { trainer, store }]) {
        used.dispose();
        held.dispose();
      }
    }
  }
}
