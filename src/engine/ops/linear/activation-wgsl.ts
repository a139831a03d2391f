import type { Activation } from './node';

/**
 * WGSL of an activation on values of `type` (`f32` or `vec4<f32>`): `activate(z)` and its derivative `activate_gradient(z)`.
 *
 * `gelu` is exact, `z · Φ(z)`, with the error function after Abramowitz and Stegun 7.1.26 (absolute error below 1.5e-7); `gelu_tanh` is
 * `z · σ(2u)` with `u = √(2/π) (z + 0.044715 z³)`, since `½ (1 + tanh u) = σ(2u)`; `quick_gelu` is `z · σ(1.702 z)`.
 */
export function activationFunctions(activation: Activation, type: string): string {
  switch (activation) {
    case 'none':
      return '';
    case 'gelu':
      // Φ(z) and exp(-z²/2) share their exponential: erf(z/√2) needs exp(-(z/√2)²).
      return `fn normal_cdf(z: ${type}, bell: ${type}) -> ${type} {
  let t = 1.0 / (1.0 + 0.23164189 * abs(z));
  let tail = 0.5 * bell * t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  return select(tail, 1.0 - tail, z >= ${type}(0.0));
}
fn activate(z: ${type}) -> ${type} { return z * normal_cdf(z, exp(-0.5 * z * z)); }
fn activate_gradient(z: ${type}) -> ${type} {
  let bell = exp(-0.5 * z * z);
  return normal_cdf(z, bell) + 0.3989422804 * z * bell;
}
`;
    case 'gelu_tanh':
      return `fn sigmoid_of(z: ${type}) -> ${type} { return 1.0 / (1.0 + exp(z * (-1.5957691216 - 0.0713548163 * z * z))); }
fn activate(z: ${type}) -> ${type} { return z * sigmoid_of(z); }
fn activate_gradient(z: ${type}) -> ${type} {
  let s = sigmoid_of(z);
  return s * (1.0 + z * (1.5957691216 + 0.2140644488 * z * z) * (1.0 - s));
}
`;
    case 'quick_gelu':
      return `fn sigmoid(z: ${type}) -> ${type} { return 1.0 / (1.0 + exp(-1.702 * z)); }
fn activate(z: ${type}) -> ${type} { return z * sigmoid(z); }
fn activate_gradient(z: ${type}) -> ${type} {
  let s = sigmoid(z);
  return s * (1.0 + 1.702 * z * (1.0 - s));
}
`;
    default:
      return activation satisfies never;
  }
}
