import type { KernelTarget } from './kernels/target';
import type { AttentionChoice } from './ops/attention/tuning';
import type { LinearChoice } from './ops/linear/tuning';

/** Kernel variants for one adapter: each operation says which it has a choice of. */
export interface KernelChoice extends LinearChoice, AttentionChoice {
  readonly target: KernelTarget;
}
