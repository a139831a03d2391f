import { add, erf, exp, mul, neg, sigmoid, square, sub, type Tensor } from '@tensorflow/tfjs-core';
import type { Activation } from './node';

const QUICK = 1.702;

/** Activation of a linear layer: exact GELU (erf), or `x · sigmoid(1.702 x)`. */
export function activate(activation: Activation, x: Tensor): Tensor {
  switch (activation) {
    case 'none':
      return x.clone();
    case 'gelu':
      return mul(x, normalCdf(x));
    case 'quick_gelu':
      return mul(x, sigmoid(mul(x, QUICK)));
    default:
      return activation satisfies never;
  }
}

/** Derivative of the activation at x. */
export function activationSlope(activation: Exclude<Activation, 'none'>, x: Tensor): Tensor {
  if (activation === 'quick_gelu') {
    const s = sigmoid(mul(x, QUICK));
    return mul(s, add(1, mul(mul(x, QUICK), sub(1, s))));
  }
  const density = mul(exp(mul(square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
  return add(normalCdf(x), mul(x, density));
}

/** Where |x| is large erf is exactly ±1, so no term overflows. */
function normalCdf(x: Tensor): Tensor {
  return mul(sub(1, neg(erf(mul(x, Math.SQRT1_2)))), 0.5);
}
