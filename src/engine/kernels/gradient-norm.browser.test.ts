import { beforeAll, describe, expect, it } from 'vitest';
import { finishStep, READING_WORDS, STEP_OUTCOMES } from './gradient-norm';
import { KernelRunner } from './linear-testing';

let runner: KernelRunner;
beforeAll(async () => {
  runner = await KernelRunner.create();
});

/** One step whose scaled gradients have this sum of squares. */
async function finish(scale: number, goodSteps: number, squares: number, loss = 0.5) {
  const kernel = finishStep(1, { maxNorm: 2, cooperative: false, scaled: true, logitScale: true });
  const [control, ring, scaling] = await runner.run(kernel, [
    new Float32Array([squares]),
    new Float32Array([loss]),
    new Float32Array(4),
    new Float32Array(READING_WORDS),
    new Float32Array([scale, goodSteps, 0, 0]),
    new Float32Array([Math.log(14)]),
  ]);
  const [factor = NaN, taken, norm] = control ?? [];
  const outcome = new Uint32Array(ring?.buffer ?? new ArrayBuffer(16))[3];
  expect(ring?.[4]).toBeCloseTo(14, 4);
  return { factor, taken, norm, outcome, scaling: Array.from(scaling ?? []).slice(0, 2) };
}

describe('dynamic loss scaling', () => {
  it('takes the scale back out of norm and gradients before they are clipped', async () => {
    const { factor, ...rest } = await finish(1024, 7, (3 * 1024) ** 2);
    expect(factor).toBeCloseTo(2 / 3 / 1024, 8);
    expect(rest).toEqual({ taken: 1, norm: 3, outcome: STEP_OUTCOMES.taken, scaling: [1024, 8] });
  });

  it('leaves a step out whose gradients overflow, and halves the scale', async () => {
    const { taken, outcome, scaling } = await finish(1024, 7, Infinity);
    expect({ taken, outcome, scaling }).toEqual({ taken: 0, outcome: STEP_OUTCOMES.overflowed, scaling: [512, 0] });
  });

  it('doubles the scale after 2,000 good steps, but not beyond the first', async () => {
    expect((await finish(1024, 1998, 1)).scaling).toEqual([1024, 1999]);
    expect((await finish(1024, 1999, 1)).scaling).toEqual([2048, 0]);
    expect((await finish(65_536, 1999, 1)).scaling).toEqual([65_536, 0]);
  });

  it('blames nothing on the scale where the loss is not finite, or the scale is 1', async () => {
    const bad = { taken: 0, outcome: STEP_OUTCOMES.notTaken };
    expect(await finish(1024, 7, Infinity, NaN)).toMatchObject({ ...bad, scaling: [1024, 7] });
    expect(await finish(1, 7, Infinity)).toMatchObject({ ...bad, scaling: [1, 7] });
  });
});
