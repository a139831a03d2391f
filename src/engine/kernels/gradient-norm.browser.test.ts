import { beforeAll, describe, expect, it } from 'vitest';
import { finishStep, readingWords, stepOutcomes } from './gradient-norm';
import type { Kernel } from './kernel';
import { KernelRunner } from '../ops/linear/testing';

let runner: KernelRunner;
beforeAll(async () => {
  runner = await KernelRunner.create();
});

const adam = { type: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } as const;
const options = { maxNorm: 2, cooperative: false, scaled: true, logitScale: true, optimizer: adam } as const;

/** One step whose scaled gradients have this sum of squares. */
async function run(kernel: Kernel, progress: readonly number[], squares: number, loss = 0.5) {
  const [control = new Float32Array(), ring = new Float32Array(), counts = new Float32Array()] = await runner.run(
    kernel,
    [
      new Float32Array([squares]),
      new Float32Array([loss]),
      new Float32Array(8),
      new Float32Array(readingWords),
      new Float32Array(progress),
      new Float32Array([Math.log(14)]),
    ],
  );
  return { control, ring, counts };
}

async function finish(scale: number, goodSteps: number, squares: number, loss = 0.5) {
  const { control, ring, counts } = await run(finishStep(1, options), [scale, goodSteps, 0, 0], squares, loss);
  const [factor = NaN, taken, norm] = control;
  const outcome = new Uint32Array(ring.buffer)[3];
  expect(ring[4]).toBeCloseTo(14, 4);
  expect(counts[2]).toBe(taken);
  return { factor, taken, norm, outcome, scaling: Array.from(counts).slice(0, 2) };
}

describe('dynamic loss scaling', () => {
  it('takes the scale back out of norm and gradients before they are clipped', async () => {
    const { factor, ...rest } = await finish(1024, 7, (3 * 1024) ** 2);
    expect(factor).toBeCloseTo(2 / 3 / 1024, 8);
    expect(rest).toEqual({ taken: 1, norm: 3, outcome: stepOutcomes.taken, scaling: [1024, 8] });
  });

  it('leaves a step out whose gradients overflow, and halves the scale', async () => {
    const { taken, outcome, scaling } = await finish(1024, 7, Infinity);
    expect({ taken, outcome, scaling }).toEqual({ taken: 0, outcome: stepOutcomes.overflowed, scaling: [512, 0] });
  });

  it('doubles the scale after 2,000 good steps, but not beyond the first', async () => {
    expect((await finish(1024, 1998, 1)).scaling).toEqual([1024, 1999]);
    expect((await finish(1024, 1999, 1)).scaling).toEqual([2048, 0]);
    expect((await finish(65_536, 1999, 1)).scaling).toEqual([65_536, 0]);
  });

  it('blames nothing on the scale where the loss is not finite, or the scale is 1', async () => {
    const bad = { taken: 0, outcome: stepOutcomes.notTaken };
    expect(await finish(1024, 7, Infinity, NaN)).toMatchObject({ ...bad, scaling: [1024, 7] });
    expect(await finish(1, 7, Infinity)).toMatchObject({ ...bad, scaling: [1, 7] });
  });
});

describe('the bias corrections of Adam', () => {
  it('are those of the steps taken, with all the digits of float32', async () => {
    for (const [beta1, beta2] of [
      [0.9, 0.999],
      [0.9, 0.98],
      [0, 0.99999],
    ] as const) {
      const kernel = finishStep(1, { ...options, optimizer: { ...adam, beta1, beta2 } });
      for (const steps of [1, 2, 7, 100, 5_000, 1_000_000]) {
        const { control, counts } = await run(kernel, [1, 0, steps - 1, 0], 1);
        expect(counts[2]).toBe(steps);
        expect((control[4] ?? NaN) / (1 - beta1 ** steps)).toBeCloseTo(1, 6);
        expect((control[5] ?? NaN) / (1 - beta2 ** steps)).toBeCloseTo(1, 6);
      }
    }
  });

  it('and the count stay where they are when a step is left out, scaled or not', async () => {
    for (const scaled of [true, false]) {
      const kernel = finishStep(1, { ...options, scaled });
      for (const [squares, loss] of [
        [Infinity, 0.5],
        [1, NaN],
      ] as const) {
        expect((await run(kernel, [1024, 3, 8, 0], squares, loss)).counts[2]).toBe(8);
      }
      expect((await run(kernel, [1024, 3, 8, 0], 1)).counts[2]).toBe(9);
    }
  });
});
