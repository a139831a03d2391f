import { describe, expect, it } from 'vitest';
import { readingWords, stepOutcomes } from '../kernels/gradient-norm';
import { DeviceMemory } from './memory';
import { ReadingsRing } from './readings';

/** A ring whose rows the test writes, on a device that copies at once and counts how often it is asked to. */
function setup(logitScale: boolean) {
  const rows = new ArrayBuffer(64 * 4 * readingWords);
  const clock = { time: 1000 };
  const asked = { copies: 0 };
  const device = {
    limits: { maxBufferSize: 2 ** 30 },
    createBuffer: () => ({
      size: rows.byteLength,
      mapAsync: () => Promise.resolve(),
      getMappedRange: () => rows.slice(0),
      unmap: () => undefined,
    }),
    createCommandEncoder: () => ({ copyBufferToBuffer: () => asked.copies++, finish: () => ({}) }),
    queue: { submit: () => undefined },
  } as unknown as GPUDevice;
  const ring = new ReadingsRing(device, new DeviceMemory(device).group(), logitScale, () => clock.time);
  let step = 0;
  const issue = async (): Promise<void> => {
    const at = ring.nextSlot() * readingWords;
    step++;
    new Uint32Array(rows).set([step], at);
    new Float32Array(rows).set([1 / step, 2], at + 1);
    new Uint32Array(rows).set([stepOutcomes.taken], at + 3);
    new Float32Array(rows).set([14 + step], at + 4);
    await ring.stepIssued();
  };
  const taken = async (drain: boolean): Promise<number[]> => (await ring.take(drain)).map((reading) => reading.step);
  return { ring, clock, asked, issue, taken };
}

describe('readings of steps', () => {
  it('are fetched every 16 steps or 150 ms, however often they are asked for', async () => {
    const { clock, asked, issue, taken } = setup(false);
    // The first step is long after no fetch at all.
    await issue();
    expect(asked.copies).toBe(1);
    for (let step = 2; step <= 16; step++) {
      await issue();
      await taken(false);
    }
    expect(asked.copies).toBe(1);
    await issue();
    expect(asked.copies).toBe(2);
    await issue();
    clock.time += 151;
    await taken(false);
    expect(asked.copies).toBe(2);
    await issue();
    expect(asked.copies).toBe(3);
  });

  it('come each once and in order, all of them when drained', async () => {
    const { issue, taken } = setup(false);
    const steps: number[] = [];
    for (let step = 1; step <= 150; step++) {
      await issue();
      steps.push(...(await taken(false)));
    }
    steps.push(...(await taken(true)));
    expect(steps).toEqual(Array.from({ length: 150 }, (_, index) => index + 1));
    expect(await taken(true)).toEqual([]);
  });

  it('tell the logit scale where the step has one', async () => {
    for (const logitScale of [true, false]) {
      const { ring, issue } = setup(logitScale);
      await issue();
      const [reading] = await ring.take(true);
      expect(reading).toMatchObject({ step: 1, loss: 1, gradNorm: 2, overflowed: false });
      expect(reading?.logitScale).toBe(logitScale ? 15 : undefined);
    }
  });
});
