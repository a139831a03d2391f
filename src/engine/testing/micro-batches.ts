import { expect } from 'vitest';
import { plainSgd, type Executor, type InputData } from '../executor';
import { GraphBuilder } from '../graph/builder';
import { differentiate, type TrainingProgram } from '../graph/differentiate';
import { crossEntropy } from '../ops/cross-entropy/node';
import { linear } from '../ops/linear/node';
import { towerTensors, twoTowers } from '../tfjs/testing/two-towers';

const batch = 6;

const inputs: InputData = {
  'image.x': Float32Array.from({ length: 5 * batch }, (_, i) => Math.sin(1.7 * i + 3)),
  'text.x': Float32Array.from({ length: 5 * batch }, (_, i) => Math.sin(1.7 * i + 4)),
  keys: new Int32Array([0, 1, 2, 1, 4, -1]),
};

const tensors = new Map([...towerTensors(), ['class_weights', Float32Array.of(0.5, 2, 1, 3, 0.25, 1)]]);

/** One linear layer that tells classes apart, some of which count for more than others, and a row for none. */
function weightedClasses(rows: number): TrainingProgram {
  const builder = new GraphBuilder();
  const weight = builder.parameter([6, 5], { name: 'image', shape: [6, 5] });
  const classWeights = builder.parameter([6], { name: 'class_weights', shape: [6] });
  const logits = linear(builder, builder.input('image.x', 'f32', [rows, 5]), weight);
  const loss = crossEntropy(builder, logits, builder.input('keys', 'i32', [rows]), { classWeights });
  return differentiate(builder.build({ loss }), loss, new Set([weight]));
}

const programs = {
  contrastive: (rows: number) => twoTowers(rows, 'contrastive'),
  sigmoid: (rows: number) => twoTowers(rows, 'sigmoid'),
  'weighted classes': weightedClasses,
};
export type SharedLoss = keyof typeof programs;
export const sharedLosses = Object.keys(programs) as readonly SharedLoss[];

/** A loss over all samples of a batch has the same value and gradients when the batch is computed in micro-batches. */
export async function checkMicroBatches(executor: Executor, loss: SharedLoss): Promise<void> {
  const gradientsIn = async (microBatches: number) => {
    const program = programs[loss](batch / microBatches);
    const store = await executor.createStore(program.graph.parameters, tensors);
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
