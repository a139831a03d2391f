import { scalarsBytes } from '../../kernels/scalars';
import type { BenchCases } from '../bench-case';
import { dropoutMask } from './kernels';

/** The mask over the features of a batch; stock TensorFlow.js draws its mask on the processor, so there is nothing to compare with. */
export const dropoutCases: BenchCases = ({ batch, features }) => {
  const count = batch * features;
  return [
    {
      kernel: 'dropout',
      shape: `${batch}x${features}`,
      flops: count,
      bytes: 8 * count,
      variants: [{ name: 'default', kernels: [dropoutMask(count, { probability: 0.1, salt: 1, accumulate: false })] }],
      contents: { x: count, y: count, scalars: new Uint8Array(scalarsBytes) },
      stock: null,
    },
  ];
};
