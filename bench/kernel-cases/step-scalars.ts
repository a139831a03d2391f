import { packScalars, scalarsBytes } from '../../src/engine/kernels/scalars';

export const learningRate = 1e-4;
export const adam = { beta1: 0.9, beta2: 0.98, epsilon: 1e-6 } as const;

/** Contents of the uniform buffer of per-step values at a step of a run. */
export function scalarsAt(step: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(scalarsBytes);
  packScalars(new DataView(bytes.buffer), {
    step,
    seed: 1,
    learningRate,
    ringSlot: 0,
  });
  return bytes;
}
