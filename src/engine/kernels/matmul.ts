import type { Kernel } from './kernel';
import type { MatmulProblem, MatmulVariant } from './matmul-problem';
import { quadTileMatmul } from './matmul-quad';
import { registerTileMatmul } from './matmul-register';

/** The kernel of a product in the given variant. */
export function matmul(problem: MatmulProblem, variant: MatmulVariant): Kernel {
  switch (variant.kind) {
    case 'register':
      return registerTileMatmul(problem, variant);
    case 'quad':
      return quadTileMatmul(problem, variant);
    default:
      return variant satisfies never;
  }
}
