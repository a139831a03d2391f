import type { Activation } from './node';
import type { LinearShape } from './kernels';

/** The error function in float64: the Maclaurin series near zero, a continued fraction of erfc in the tails. */
function erf(x: number): number {
  const z = Math.abs(x);
  if (z < 2.5) {
    let term = z;
    let sum = z;
    for (let n = 1; n < 80; n++) {
      term *= (-z * z) / n;
      sum += term / (2 * n + 1);
    }
    return (Math.sign(x) * 2 * sum) / Math.sqrt(Math.PI);
  }
  let fraction = 0;
  for (let n = 60; n > 0; n--) fraction = n / 2 / (z + fraction);
  return Math.sign(x) * (1 - Math.exp(-z * z) / Math.sqrt(Math.PI) / (z + fraction));
}

/** Value and derivative of an activation, in float64. */
export function activationReference(activation: Activation, z: number): readonly [value: number, derivative: number] {
  switch (activation) {
    case 'none':
      return [z, 1];
    case 'gelu': {
      const cdf = 0.5 * (1 + erf(z / Math.SQRT2));
      return [z * cdf, cdf + (z * Math.exp(-0.5 * z * z)) / Math.sqrt(2 * Math.PI)];
    }
    case 'gelu_tanh': {
      const t = Math.tanh(Math.sqrt(2 / Math.PI) * (z + 0.044715 * z ** 3));
      const inner = Math.sqrt(2 / Math.PI) * (1 + 3 * 0.044715 * z * z);
      return [0.5 * z * (1 + t), 0.5 * (1 + t) + 0.5 * z * (1 - t * t) * inner];
    }
    case 'quick_gelu': {
      const s = 1 / (1 + Math.exp(-1.702 * z));
      return [z * s, s * (1 + 1.702 * z * (1 - s))];
    }
    default:
      return activation satisfies never;
  }
}

const at = (array: ArrayLike<number>, index: number): number => array[index] ?? NaN;

/** `x · weightᵀ + bias` in float64. */
export function linearReference(
  { rows, inner, columns }: LinearShape,
  x: ArrayLike<number>,
  weight: ArrayLike<number>,
  bias: ArrayLike<number> | null,
): Float64Array {
  const y = new Float64Array(rows * columns);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
      let sum = bias === null ? 0 : at(bias, c);
      for (let k = 0; k < inner; k++) sum += at(x, r * inner + k) * at(weight, c * inner + k);
      y[r * columns + c] = sum;
    }
  }
  return y;
}

/** Gradients of `x · weightᵀ + bias` for the output gradient dz, in float64. */
export function linearGradientReference(
  { rows, inner, columns }: LinearShape,
  x: ArrayLike<number>,
  weight: ArrayLike<number>,
  dz: ArrayLike<number>,
): { dx: Float64Array; dWeight: Float64Array; dBias: Float64Array } {
  const dx = new Float64Array(rows * inner);
  const dWeight = new Float64Array(columns * inner);
  const dBias = new Float64Array(columns);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
      const g = at(dz, r * columns + c);
      dBias[c] = at(dBias, c) + g;
      for (let k = 0; k < inner; k++) {
        dx[r * inner + k] = at(dx, r * inner + k) + g * at(weight, c * inner + k);
        dWeight[c * inner + k] = at(dWeight, c * inner + k) + g * at(x, r * inner + k);
      }
    }
  }
  return { dx, dWeight, dBias };
}
