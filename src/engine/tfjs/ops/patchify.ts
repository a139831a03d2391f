import { tensor } from '@tensorflow/tfjs-core';
import type { PatchifyNode } from '../../graph/ir';
import type { OpRule } from '../rule';

/** Done on the CPU: TensorFlow.js has no u8 tensors, and pixels take no gradient. */
export const patchify: OpRule<PatchifyNode> = {
  saves: () => false,

  backwardReads: () => [],

  forward(node, context) {
    const [batch = 0, size = 0] = context.shape(node.pixels);
    const { patch } = node;
    const across = size / patch;
    const plane = patch * patch;
    const pixels = context.input(node.pixels);
    const levels = normalisedLevels(node);
    const y = new Float32Array(batch * size * size * 3);
    let out = 0;
    for (let row = 0; row < batch * across; row++) {
      for (let column = 0; column < across; column++) {
        for (let inner = 0; inner < plane; inner++) {
          const line = row * patch + Math.floor(inner / patch);
          const at = (line * size + column * patch + (inner % patch)) * 3;
          for (let channel = 0; channel < 3; channel++) {
            y[out + channel * plane + inner] = levels[channel * 256 + (pixels[at + channel] ?? 0)] ?? 0;
          }
        }
        out += 3 * plane;
      }
    }
    return { y: tensor(y, [batch * across * across, 3 * plane]), saved: [] };
  },

  backward: () => [],
};

/** What each of the 256 levels of each channel becomes. */
export function normalisedLevels({ mean, std }: Pick<PatchifyNode, 'mean' | 'std'>): Float32Array {
  const levels = new Float32Array(3 * 256);
  for (const channel of [0, 1, 2] as const) {
    for (let level = 0; level < 256; level++) {
      levels[channel * 256 + level] = (level / 255 - mean[channel]) / std[channel];
    }
  }
  return levels;
}
