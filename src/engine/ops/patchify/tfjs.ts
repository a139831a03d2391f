import { tensor } from '@tensorflow/tfjs-core';
import type { PatchifyNode } from './node';
import { drawView, unpackView } from '../../view';
import type { OpRule } from '../../tfjs/rule';

/** Done on the CPU: TensorFlow.js has no u8 tensors, and pixels take no gradient. */
export const patchify: OpRule<PatchifyNode> = {
  saves: () => false,

  backwardReads: () => [],

  forward(node, context) {
    const [batch = 0, side = 0] = context.shape(node.pixels);
    const { views, size, patch } = node;
    const pixels = context.input(node.pixels);
    const packed = views === null ? null : context.input(views);
    const width = 3 * size * size;
    const y = new Float32Array(batch * width);
    for (let sample = 0; sample < batch; sample++) {
      const picture = pixels.subarray(3 * side * side * sample, 3 * side * side * (sample + 1));
      const seen = packed === null ? picture : drawView(picture, side, size, unpackView(packed, sample));
      writePatches(seen, node, y.subarray(width * sample, width * (sample + 1)));
    }
    return { y: tensor(y, [batch * (size / patch) ** 2, 3 * patch * patch]), saved: [] };
  },

  backward: () => [],
};

/** Normalises one picture `[size, size, 3]`, 0…255, and lays it out in patches. */
function writePatches(picture: ArrayLike<number>, { size, patch, mean, std }: PatchifyNode, y: Float32Array): void {
  const across = size / patch;
  const plane = patch * patch;
  let out = 0;
  for (let place = 0; place < across * across; place++) {
    for (let inner = 0; inner < plane; inner++) {
      const row = Math.floor(place / across) * patch + Math.floor(inner / patch);
      const at = (row * size + (place % across) * patch + (inner % patch)) * 3;
      for (const channel of [0, 1, 2] as const) {
        y[out + channel * plane + inner] = ((picture[at + channel] ?? 0) / 255 - mean[channel]) / std[channel];
      }
    }
    out += 3 * plane;
  }
}
