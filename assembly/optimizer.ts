import { F32, horizontalSum, loadTail, madd, storeUpTo4 } from './math';

/** Σ x², in blocks that are summed in float64, so that millions of elements lose nothing. */
export function sumOfSquares(x: usize, length: i32): f64 {
  let total: f64 = 0;
  for (let start = 0; start < length; start += 1024) {
    const end = min(start + 1024, length);
    let sums = f32x4.splat(0);
    for (let i = start; i < end; i += 4) {
      const at = x + <usize>i * F32;
      const value = end - i >= 4 ? v128.load(at) : loadTail(at, end - i);
      sums = madd(value, value, sums);
    }
    total += <f64>horizontalSum(sums);
  }
  return total;
}

/** x *= factor. */
export function scale(x: usize, factor: f32, length: i32): void {
  const factor4 = f32x4.splat(factor);
  for (let i = 0; i < length; i += 4) {
    const at = x + <usize>i * F32;
    const count = min(4, length - i);
    storeUpTo4(at, f32x4.mul(count === 4 ? v128.load(at) : loadTail(at, count), factor4), count);
  }
}

/**
 * One update of Adam or AdamW on one parameter, in place, as `torch.optim` computes it.
 *
 * @param clip factor of the gradient
 * @param coupled weight decay that is added to the gradient (Adam), else 0
 * @param keep what decoupled decay leaves of the weight, `1 - learningRate · weightDecay` (AdamW), else 1
 * @param rate `learningRate / (1 - beta1^step)`
 * @param correction `1 / sqrt(1 - beta2^step)`
 */
export function adam(
  p: usize,
  m: usize,
  v: usize,
  g: usize,
  length: i32,
  clip: f32,
  coupled: f32,
  keep: f32,
  beta1: f32,
  beta2: f32,
  rate: f32,
  correction: f32,
  epsilon: f32,
): void {
  const clip4 = f32x4.splat(clip);
  const coupled4 = f32x4.splat(coupled);
  const keep4 = f32x4.splat(keep);
  const beta14 = f32x4.splat(beta1);
  const beta24 = f32x4.splat(beta2);
  const rest14 = f32x4.splat(<f32>(1.0 - <f64>beta1));
  const rest24 = f32x4.splat(<f32>(1.0 - <f64>beta2));
  const rate4 = f32x4.splat(rate);
  const correction4 = f32x4.splat(correction);
  const epsilon4 = f32x4.splat(epsilon);
  for (let i = 0; i < length; i += 4) {
    const at = <usize>i * F32;
    const count = min(4, length - i);
    const full = count === 4;
    const weight = full ? v128.load(p + at) : loadTail(p + at, count);
    const given = full ? v128.load(g + at) : loadTail(g + at, count);
    const gradient = madd(weight, coupled4, f32x4.mul(given, clip4));
    const first = madd(gradient, rest14, f32x4.mul(full ? v128.load(m + at) : loadTail(m + at, count), beta14));
    const second = madd(
      f32x4.mul(gradient, gradient),
      rest24,
      f32x4.mul(full ? v128.load(v + at) : loadTail(v + at, count), beta24),
    );
    const spread = madd(f32x4.sqrt(second), correction4, epsilon4);
    const change = f32x4.mul(f32x4.div(first, spread), rate4);
    storeUpTo4(m + at, first, count);
    storeUpTo4(v + at, second, count);
    storeUpTo4(p + at, f32x4.sub(f32x4.mul(weight, keep4), change), count);
  }
}

/** One update of SGD with momentum on one parameter, in place. buffer 0: no momentum. */
export function momentum(
  p: usize,
  buffer: usize,
  g: usize,
  length: i32,
  clip: f32,
  weightDecay: f32,
  factor: f32,
  nesterov: bool,
  learningRate: f32,
): void {
  const clip4 = f32x4.splat(clip);
  const decay4 = f32x4.splat(weightDecay);
  const factor4 = f32x4.splat(factor);
  const rate4 = f32x4.splat(learningRate);
  for (let i = 0; i < length; i += 4) {
    const at = <usize>i * F32;
    const count = min(4, length - i);
    const full = count === 4;
    const weight = full ? v128.load(p + at) : loadTail(p + at, count);
    const given = full ? v128.load(g + at) : loadTail(g + at, count);
    const gradient = madd(weight, decay4, f32x4.mul(given, clip4));
    let direction = gradient;
    if (buffer !== 0) {
      const renewed = madd(full ? v128.load(buffer + at) : loadTail(buffer + at, count), factor4, gradient);
      storeUpTo4(buffer + at, renewed, count);
      direction = nesterov ? madd(renewed, factor4, gradient) : renewed;
    }
    storeUpTo4(p + at, f32x4.sub(weight, f32x4.mul(direction, rate4)), count);
  }
}
