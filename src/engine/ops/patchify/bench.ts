import * as tf from '@tensorflow/tfjs-core';
import { patchify } from './kernels';
import { drawViews, finishViews } from './view-kernels';
import { adapterClass } from '../../adapter-class';
import { packView, type View } from '../../view';
import type { BenchCases, KernelCase } from '../bench-case';

/** Pictures on their way into the image tower: as they are, and as random views of squares that are a quarter larger. */
export const patchCases: BenchCases = ({ engine, batch, image: { pixels: size, patch, normalization } }) => {
  const side = Math.ceil(1.25 * size);
  const written = 4 * batch * size * size * 3;
  const across = size / patch;
  const cut = (pictures: tf.Tensor): tf.Tensor => {
    const normal = tf.div(tf.sub(tf.div(pictures, 255), [...normalization.mean]), [...normalization.std]);
    const patches = tf.transpose(tf.reshape(normal, [batch * across, patch, across, patch * 3]), [0, 2, 1, 3]);
    return tf.transpose(tf.reshape(patches, [batch * across * across, patch * patch, 3]), [0, 2, 1]);
  };
  const views = Array.from({ length: batch }, (_, i) => viewOf(side, i));
  const shape = { batch, side, size, patch };
  const drawn = (cooperative: boolean): KernelCase['variants'][number] => ({
    name: cooperative ? 'shared by workgroups' : 'alone',
    kernels: [
      drawViews(shape, { target: { cooperative } }),
      finishViews(shape, { ...normalization, target: { cooperative } }),
    ],
  });
  const drawing = [drawn(true), drawn(false)];
  const draw = drawViews(shape, { target: { cooperative: true } });
  return [
    {
      kernel: 'patches',
      shape: `${batch}x${size}/${patch}`,
      flops: written / 2,
      bytes: written / 4 + written,
      variants: [{ name: 'default', kernels: [patchify({ batch, size, patch }, normalization)] }],
      stock: () => {
        const pictures = tf.randomUniform([batch, size, size, 3], 0, 255);
        return () => cut(pictures);
      },
    },
    {
      kernel: 'patches of random views',
      shape: `${batch}x${side} as ${size}/${patch}`,
      flops: draw.flops,
      bytes: 3 * batch * side * side + written,
      // On a software adapter only what is used there, since every barrier costs.
      variants: adapterClass(engine.adapter) === 'software' ? drawing.slice(1) : drawing,
      contents: { views: Float32Array.from(views.flatMap((view) => [...packView(view)])) },
      // TensorFlow.js crops without widening its filter where pictures shrink, which is less work.
      stock: () => {
        const squares = tf.randomUniform<tf.Rank.R4>([batch, side, side, 3], 0, 255);
        const edge = side - 1;
        const boxes = tf.tensor2d(
          views.map(({ left, top, width, height, mirrored }) => {
            const columns = [left / edge, (left + width - 1) / edge];
            const [first = 0, last = 0] = mirrored ? columns.reverse() : columns;
            return [top / edge, first, (top + height - 1) / edge, last];
          }),
        );
        const factor = (of: (view: View) => number): tf.Tensor => tf.tensor(views.map(of), [batch, 1, 1, 1]);
        const brightness = factor((view) => view.brightness);
        const contrast = factor((view) => view.contrast);
        const saturation = factor((view) => view.saturation);
        const grey = (pictures: tf.Tensor): tf.Tensor => tf.sum(tf.mul(pictures, [0.299, 0.587, 0.114]), 3, true);
        const blend = (pictures: tf.Tensor, towards: tf.Tensor, share: tf.Tensor): tf.Tensor =>
          tf.clipByValue(tf.add(tf.mul(pictures, share), tf.mul(towards, tf.sub(1, share))), 0, 255);
        const picture = tf.range(0, batch, 1, 'int32');
        return () => {
          const cropped = tf.image.cropAndResize(squares, boxes, picture, [size, size], 'bilinear');
          const bright = tf.clipByValue(tf.mul(cropped, brightness), 0, 255);
          const contrasted = blend(bright, tf.mean(grey(bright), [1, 2], true), contrast);
          return cut(blend(contrasted, grey(contrasted), saturation));
        };
      },
    },
  ];
};

function viewOf(side: number, index: number): View {
  const part = 0.7 + 0.03 * (index % 10);
  return {
    left: 0.3 * (1 - part) * side,
    top: 0.6 * (1 - part) * side,
    width: part * side,
    height: 0.9 * part * side,
    mirrored: index % 2 === 1,
    brightness: 1.1,
    contrast: 0.9,
    saturation: 1.2,
  };
}
