import { at } from './at';

export interface AdamWStep {
  readonly step: number;
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** Null: no clipping. */
  readonly maxGradNorm: number | null;
}

/** One AdamW step (Loshchilov & Hutter 2019, arXiv 1711.05101) in float64 after clipping by norm; moments start as given. */
export function adamwReference(
  weights: ArrayLike<number>,
  gradients: ArrayLike<number>,
  moments: readonly [first: ArrayLike<number>, second: ArrayLike<number>],
  { step, learningRate, weightDecay, beta1, beta2, epsilon, maxGradNorm }: AdamWStep,
): { readonly norm: number; readonly weights: Float64Array } {
  let squares = 0;
  for (let i = 0; i < gradients.length; i++) squares += at(gradients, i) ** 2;
  const norm = Math.sqrt(squares);
  const factor = maxGradNorm === null ? 1 : Math.min(1, maxGradNorm / (norm + 1e-6));
  const updated = Float64Array.from({ length: weights.length }, (_, i) => {
    const g = factor * at(gradients, i);
    const m = beta1 * at(moments[0], i) + (1 - beta1) * g;
    const v = beta2 * at(moments[1], i) + (1 - beta2) * g * g;
    const decayed = at(weights, i) * (1 - learningRate * weightDecay);
    const denominator = Math.sqrt(v / (1 - beta2 ** step)) + epsilon;
    return decayed - (learningRate * m) / (1 - beta1 ** step) / denominator;
  });
  return { norm, weights: updated };
}
