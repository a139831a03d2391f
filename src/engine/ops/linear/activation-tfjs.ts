import { add, erf, exp, mul, neg, sigmoid, square, sub, type Tensor } from '@tensorflow/tfjs-core';
import type { Activation } from './node';

const quickFactor = 1.702;

/** `gelu_tanh` is `x · σ(2u)` with `u = √(2/π) (x + 0.044715 x³)`, since `½ (1 + tanh u) = σ(2u)`. */
const twiceRoot = 2 * Math.sqrt(2 / Math.PI);
const cubicTerm = 0.044715;

/** Activation of a linear layer. */
export function activate(activation: Activation, x: Tensor): Tensor {
  switch (activation) {
    case 'none':
      return x.clone();
    case 'gelu':
      return mul(x, normalCdf(x));
    case 'gelu_tanh':
      return mul(x, sigmoid(tanhArgument(x)));
    case 'quick_gelu':
      return mul(x, sigmoid(mul(x, quickFactor)));
    default:
      return activation satisfies never;
  }
}

/** Derivative of the activation at x. */
export function activationSlope(activation: Exclude<Activation, 'none'>, x: Tensor): Tensor {
  switch (activation) {
    case 'gelu': {
      const density = mul(exp(mul(square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
      return add(normalCdf(x), mul(x, density));
    }
    case 'gelu_tanh': {
      const inner = mul(add(mul(square(x), 3 * cubicTerm), 1), twiceRoot);
      return sigmoidSlope(sigmoid(tanhArgument(x)), mul(x, inner));
    }
    case 'quick_gelu': {
      const scaled = mul(x, quickFactor);
      return sigmoidSlope(sigmoid(scaled), scaled);
    }
    default:
      return activation satisfies never;
  }
}

/** Derivative of `x · s` with `s = σ(f(x))`, given `x · f'(x)`. */
function sigmoidSlope(s: Tensor, inner: Tensor): Tensor {
  return mul(s, add(1, mul(inner, sub(1, s))));
}

/** `2u` of `gelu_tanh`. */
function tanhArgument(x: Tensor): Tensor {
  return mul(mul(x, add(mul(square(x), cubicTerm), 1)), twiceRoot);
}

/** Where |x| is large erf is exactly ±1, so no term overflows. */
function normalCdf(x: Tensor): Tensor {
  return mul(sub(1, neg(erf(mul(x, Math.SQRT1_2)))), 0.5);
}
