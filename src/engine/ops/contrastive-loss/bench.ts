import * as tf from '@tensorflow/tfjs-core';
import { contrastivePairGradients, contrastiveStatistics } from './kernels';
import { pairBackward, pairSimilarities } from './pairs';
import type { BenchCases } from '../bench-case';
import { normalized } from '../normalize/bench';

/** What is timed of the contrastive loss: without label smoothing, and with keys that all differ, so that every pair of the batch counts. */

/** That of a fresh CLIP. */
const logitScale = Math.log(1 / 0.07);
const labelSmoothing = 0;

/** The symmetric contrastive loss of features, and its gradients. */
export const contrastiveLossCases: BenchCases = ({ batch, features: width, target: { cooperative } }) => {
  const features = { batch, width };
  const shape = `${batch}x${width}`;
  const product = 2 * batch * batch * width;
  const size = 4 * batch * width;
  const keys = Int32Array.from({ length: batch }, (_, sample) => sample);
  const contents = {
    logit_scale: Float32Array.of(logitScale),
    image_keys: keys,
    text_keys: keys,
    similarities: batch * batch,
  };
  const statistics = contrastiveStatistics(batch, { labelSmoothing, cooperative, scaled: false });
  const inputs = (): [image: tf.Tensor2D, text: tf.Tensor2D, scale: tf.Tensor] => {
    const feature = (): tf.Tensor2D => normalized(tf.randomUniform([batch, width], -1, 1));
    return [feature(), feature(), tf.scalar(logitScale)];
  };
  return [
    {
      kernel: 'contrastive loss',
      shape,
      flops: product + 40 * batch * batch,
      bytes: 2 * size,
      variants: [{ name: 'default', kernels: [pairSimilarities(features), statistics] }],
      contents: { ...contents, result: 4 },
      stock: () => {
        const [image, text, scale] = inputs();
        return () => symmetricLoss(image, text, scale);
      },
    },
    {
      kernel: 'contrastive loss, gradients',
      shape,
      flops: 2 * product + 30 * batch * batch,
      bytes: 4 * size,
      variants: [
        {
          name: 'default',
          kernels: [
            contrastivePairGradients(batch, { labelSmoothing }),
            pairBackward(features, { logitScale: 'write', logitBias: 'none' }),
          ],
        },
      ],
      contents: {
        ...contents,
        // The most that a log-sum-exp of such logits can be, so that similarities stay small though they are replaced again and again.
        statistics: Float32Array.from({ length: 4 * batch }, (_, i) =>
          i % 4 < 2 ? Math.exp(logitScale) + Math.log(batch) : 0,
        ),
        result: Float32Array.of(Math.log(batch), 0, batch, 1),
      },
      // The tape needs the forward pass too, so its time is part of the stock figure.
      stock: () => {
        const values = inputs();
        const gradients = tf.grads((image: tf.Tensor, text: tf.Tensor, scale: tf.Tensor) =>
          symmetricLoss(image as tf.Tensor2D, text as tf.Tensor2D, scale),
        );
        return () => gradients(values);
      },
    },
  ];
};

/** The symmetric contrastive loss of L2-normalised features `[size, width]`. */
export function symmetricLoss(image: tf.Tensor2D, text: tf.Tensor2D, logitScale: tf.Tensor): tf.Scalar {
  const [size] = image.shape;
  const logits = tf.mul(tf.matMul(text, image, false, true), tf.exp(logitScale));
  const diagonal = tf.cast(tf.oneHot(tf.range(0, size, 1, 'int32'), size), 'float32');
  const crossEntropy = (rows: tf.Tensor): tf.Tensor =>
    tf.neg(tf.mean(tf.sum(tf.mul(tf.logSoftmax(rows), diagonal), 1)));
  return tf.mul(0.5, tf.add(crossEntropy(logits), crossEntropy(tf.transpose(logits))));
}
