import * as tf from '@tensorflow/tfjs-core';
import type { BenchCases } from '../bench-case';
import { pairBackward, pairSimilarities } from '../contrastive-loss/pairs';
import { normalized } from '../normalize/bench';
import { sigmoidPairGradients, sigmoidPairs } from './kernels';

/** What is timed of the sigmoid loss: with keys that all differ, so that every pair of the batch counts. */

/** Scale and bias of a fresh SigLIP. */
const logitScale = Math.log(10);
const logitBias = -10;

/** The sigmoid loss of features, and its gradients. */
export const sigmoidLossCases: BenchCases = ({ batch, features: width, target: { cooperative } }) => {
  const features = { batch, width };
  const shape = `${batch}x${width}`;
  const product = 2 * batch * batch * width;
  const size = 4 * batch * width;
  const keys = Int32Array.from({ length: batch }, (_, sample) => sample);
  const contents = {
    logit_scale: Float32Array.of(logitScale),
    logit_bias: Float32Array.of(logitBias),
    image_keys: keys,
    text_keys: keys,
    similarities: batch * batch,
  };
  const inputs = (): [image: tf.Tensor, text: tf.Tensor, scale: tf.Tensor, bias: tf.Tensor] => {
    const feature = (): tf.Tensor => normalized(tf.randomUniform([batch, width], -1, 1));
    return [feature(), feature(), tf.scalar(logitScale), tf.scalar(logitBias)];
  };
  const labels = (): tf.Tensor => tf.sub(tf.mul(tf.eye(batch), 2), 1);
  const loss = (image: tf.Tensor, text: tf.Tensor, scale: tf.Tensor, bias: tf.Tensor): tf.Scalar => {
    const logits = tf.add(tf.mul(tf.matMul(image, text, false, true), tf.exp(scale)), bias);
    return tf.div(tf.sum(tf.softplus(tf.neg(tf.mul(labels(), logits)))), batch);
  };
  return [
    {
      kernel: 'sigmoid loss',
      shape,
      flops: product + 30 * batch * batch,
      bytes: 2 * size,
      variants: [
        { name: 'default', kernels: [pairSimilarities(features), sigmoidPairs(batch, { cooperative, scaled: false })] },
      ],
      contents: { ...contents, result: 4 },
      stock: () => {
        const values = inputs();
        return () => loss(...values);
      },
    },
    {
      kernel: 'sigmoid loss, gradients',
      shape,
      flops: 2 * product + 20 * batch * batch,
      bytes: 4 * size,
      variants: [
        {
          name: 'default',
          kernels: [sigmoidPairGradients(batch), pairBackward(features, { logitScale: 'write', logitBias: 'write' })],
        },
      ],
      contents: { ...contents, result: Float32Array.of(10, 0, 0, 1 / batch) },
      // The tape needs the forward pass too, so its time is part of the stock figure.
      stock: () => {
        const values = inputs();
        const gradients = tf.grads(loss);
        return () => gradients(values);
      },
    },
  ];
};
