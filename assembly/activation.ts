import { erf4, exp4, F32, loadTail, madd, sigmoid4, storeUpTo4 } from './math';

/** Codes of the activations. */
const GELU: i32 = 1;
const GELU_TANH: i32 = 3;

const QUICK: f32 = 1.702;
const SQRT_HALF: f32 = 0.70710678118654752;
const DENSITY: f32 = 0.39894228040143268;
/** Of the tanh approximation of GELU, `x · σ(2u)`: `2u = LINEAR · x + CUBIC · x³`. */
const LINEAR: f32 = 1.5957691216057308;
const CUBIC: f32 = 0.07135481627260025;

/** `e^(-x²/2)`. */
// @ts-ignore: decorator
@inline
function bell(x: v128): v128 {
  return exp4(f32x4.mul(f32x4.mul(x, x), f32x4.splat(-0.5)));
}

/** Φ(x), given `bell(x)`. */
// @ts-ignore: decorator
@inline
function normalCdf(x: v128, power: v128): v128 {
  const half = f32x4.splat(0.5);
  return madd(erf4(f32x4.mul(x, f32x4.splat(SQRT_HALF)), power), half, half);
}

/** `2u` of the tanh approximation. */
// @ts-ignore: decorator
@inline
function tanhArgument(x: v128): v128 {
  return f32x4.mul(x, madd(f32x4.mul(x, x), f32x4.splat(CUBIC), f32x4.splat(LINEAR)));
}

// @ts-ignore: decorator
@inline
function value(kind: i32, x: v128): v128 {
  if (kind === GELU) return f32x4.mul(x, normalCdf(x, bell(x)));
  if (kind === GELU_TANH) return f32x4.mul(x, sigmoid4(tanhArgument(x)));
  return f32x4.mul(x, sigmoid4(f32x4.mul(x, f32x4.splat(QUICK))));
}

// @ts-ignore: decorator
@inline
function slope(kind: i32, x: v128): v128 {
  if (kind === GELU) {
    const power = bell(x);
    return madd(x, f32x4.mul(power, f32x4.splat(DENSITY)), normalCdf(x, power));
  }
  if (kind === GELU_TANH) {
    const s = sigmoid4(tanhArgument(x));
    const inner = f32x4.mul(x, madd(f32x4.mul(x, x), f32x4.splat(3 * CUBIC), f32x4.splat(LINEAR)));
    return f32x4.mul(s, madd(inner, f32x4.sub(f32x4.splat(1), s), f32x4.splat(1)));
  }
  const scaled = f32x4.mul(x, f32x4.splat(QUICK));
  const s = sigmoid4(scaled);
  return f32x4.mul(s, madd(scaled, f32x4.sub(f32x4.splat(1), s), f32x4.splat(1)));
}

/** y = activation(x) + residual (0: none). kind 1: exact GELU, 3: its tanh approximation, else quick GELU. */
export function activationForward(kind: i32, x: usize, residual: usize, y: usize, length: i32): void {
  for (let i = 0; i < length; i += 4) {
    const at = <usize>i * F32;
    const count = min(4, length - i);
    let result = value(kind, count === 4 ? v128.load(x + at) : loadTail(x + at, count));
    if (residual !== 0) {
      result = f32x4.add(result, count === 4 ? v128.load(residual + at) : loadTail(residual + at, count));
    }
    storeUpTo4(y + at, result, count);
  }
}

/** dx = dy · activation'(x). */
export function activationBackward(kind: i32, x: usize, dy: usize, dx: usize, length: i32): void {
  for (let i = 0; i < length; i += 4) {
    const at = <usize>i * F32;
    const count = min(4, length - i);
    const given = count === 4 ? v128.load(x + at) : loadTail(x + at, count);
    const flowing = count === 4 ? v128.load(dy + at) : loadTail(dy + at, count);
    storeUpTo4(dx + at, f32x4.mul(flowing, slope(kind, given)), count);
  }
}
