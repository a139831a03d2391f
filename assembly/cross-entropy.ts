import { exp4, F32, horizontalSum, loadTail, madd, storeUpTo4 } from './math';

/**
 * Of each row z of logits what its losses are made of, to `statistics` `[rows, 3]`: its largest, `Σ exp(z - largest)` and `Σ w · z`, w being class
 * weights (0: all 1).
 */
export function crossEntropyRows(logits: usize, weights: usize, statistics: usize, rows: i32, columns: i32): void {
  const whole = <usize>(columns & ~3) * F32;
  const rest = columns & 3;
  for (let i = 0; i < rows; i++) {
    const row = logits + <usize>i * <usize>columns * F32;
    let most4 = f32x4.splat(-Infinity);
    let products = f32x4.splat(0);
    for (let at: usize = 0; at < whole; at += 16) {
      const z = v128.load(row + at);
      most4 = f32x4.pmax(most4, z);
      products = weights === 0 ? f32x4.add(products, z) : madd(z, v128.load(weights + at), products);
    }
    let most = max(
      max(f32x4.extract_lane(most4, 0), f32x4.extract_lane(most4, 1)),
      max(f32x4.extract_lane(most4, 2), f32x4.extract_lane(most4, 3)),
    );
    let product = horizontalSum(products);
    for (let j = columns - rest; j < columns; j++) {
      const z = load<f32>(row + <usize>j * F32);
      most = max(most, z);
      product += z * (weights === 0 ? 1 : load<f32>(weights + <usize>j * F32));
    }
    const shift = f32x4.splat(most);
    let sums = f32x4.splat(0);
    for (let at: usize = 0; at < whole; at += 16) sums = f32x4.add(sums, exp4(f32x4.sub(v128.load(row + at), shift)));
    let sum = horizontalSum(sums);
    for (let j = columns - rest; j < columns; j++) {
      sum += f32x4.extract_lane(exp4(f32x4.sub(v128.load32_zero(row + <usize>j * F32), shift)), 0);
    }
    const out = statistics + <usize>i * 3 * F32;
    store<f32>(out, most);
    store<f32>(out, sum, F32);
    store<f32>(out, product, 2 * F32);
  }
}

/**
 * Gradients of rows z of logits, `exp(z - lse) · pull - w · spread`, and at the target `hit` less. `factors` `[rows, 4]` holds lse, pull, spread and
 * hit of each row; targets are i32 `[rows]`, and those of rows whose factors are 0 do not count.
 */
export function crossEntropyBackward(
  logits: usize,
  targets: usize,
  weights: usize,
  factors: usize,
  dLogits: usize,
  rows: i32,
  columns: i32,
): void {
  for (let i = 0; i < rows; i++) {
    const from = <usize>i * <usize>columns * F32;
    const row = logits + from;
    const out = dLogits + from;
    const own = factors + <usize>i * 4 * F32;
    const pull = load<f32>(own, F32);
    if (pull === 0) {
      memory.fill(out, 0, <usize>columns * F32);
      continue;
    }
    const lse4 = f32x4.splat(load<f32>(own));
    const pull4 = f32x4.splat(pull);
    const spread4 = f32x4.splat(-load<f32>(own, 2 * F32));
    for (let j = 0; j < columns; j += 4) {
      const at = <usize>j * F32;
      const count = min(4, columns - j);
      const z = count === 4 ? v128.load(row + at) : loadTail(row + at, count);
      let share = spread4;
      if (weights !== 0) {
        share = f32x4.mul(spread4, count === 4 ? v128.load(weights + at) : loadTail(weights + at, count));
      }
      storeUpTo4(out + at, madd(exp4(f32x4.sub(z, lse4)), pull4, share), count);
    }
    const target = out + <usize>load<i32>(targets + <usize>i * 4) * F32;
    store<f32>(target, load<f32>(target) - load<f32>(own, 3 * F32));
  }
}
