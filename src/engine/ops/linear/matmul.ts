import type { Kernel } from '../../kernels/kernel';
import type { MatmulProblem, MatmulVariant } from './matmul-problem';
import { quadTileMatmul } from './matmul-quad';
import { registerTileMatmul } from './matmul-register';
import { sharedTileMatmul } from './matmul-shared';
import { splitSumMatmul } from './matmul-split';

/** The kernel of a product in the given variant. */
export function matmul(problem: MatmulProblem, variant: MatmulVariant): Kernel {
  switch (variant.kind) {
    case 'register':
      return registerTileMatmul(problem, variant);
    case 'quad':
      return quadTileMatmul(problem, variant);
    case 'shared':
      return sharedTileMatmul(problem, variant);
    case 'split':
      return splitSumMatmul(problem, variant);
    default:
      return variant satisfies never;
  }
}
