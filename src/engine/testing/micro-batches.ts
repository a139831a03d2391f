import { expect } from 'vitest';
import { plainSgd, type Executor, type InputData } from '../executor';
import { towerTensors, twoTowers } from '../tfjs/testing/two-towers';

const batch = 6;

const inputs: InputData = {
  'image.x': Float32Array.from({ length: 5 * batch }, (_, i) => Math.sin(1.7 * i + 3)),
  'text.x': Float32Array.from({ length: 5 * batch }, (_, i) => Math.sin(1.7 * i + 4)),
  keys: new Int32Array([0, 1, 2, 1, 4, -1]),
};

/** A loss that compares the samples of a batch has the same value and gradients when the batch is computed in micro-batches. */
export async function checkMicroBatches(executor: Executor, loss: 'contrastive' | 'sigmoid'): Promise<void> {
  const gradientsIn = async (microBatches: number) => {
    const program = twoTowers(batch / microBatches, loss);
    const store = await executor.createStore(program.graph.parameters, towerTensors());
    const trainer = await executor.compileTraining(program, store, { ...plainSgd, microBatches });
    const result = await trainer.gradients(inputs, 1);
    trainer.dispose();
    store.dispose();
    return result;
  };
  const whole = await gradientsIn(1);
  const parts = await gradientsIn(3);
  expect(parts.loss).toBeCloseTo(whole.loss, 5);
  expect([...parts.gradients.keys()].sort()).toEqual([...whole.gradients.keys()].sort());
  for (const [name, values] of whole.gradients) {
    expect(
      values.some((value) => Math.abs(value) > 1e-3),
      name,
    ).toBe(true);
    values.forEach((value, at) => expect(parts.gradients.get(name)?.[at], name).toBeCloseTo(value, 5));
  }
}
