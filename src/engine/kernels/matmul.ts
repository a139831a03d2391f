import type { Kernel } from './kernel';
import type { MatmulProblem, MatmulVariant } from './matmul-problem';
import { registerTileMatmul } from './matmul-register';

/** The kernel of a product in the given variant. */
export function matmul(problem: MatmulProblem, variant: MatmulVariant): Kernel {
  return registerTileMatmul(problem, variant);
}
