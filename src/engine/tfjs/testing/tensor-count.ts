import { memory } from '@tensorflow/tfjs-core';

/** Tensors that are alive. */
export function tensorCount(): number {
  return memory().numTensors;
}
