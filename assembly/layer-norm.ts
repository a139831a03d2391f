import { F32, horizontalSum, loadTail, madd, storeUpTo4 } from './math';

/** y = (x - mean) · rstd · weight + bias per row. Writes mean and rstd, `[rows]` each, for backward. */
export function layerNormForward(
  x: usize,
  weight: usize,
  bias: usize,
  y: usize,
  mean: usize,
  rstd: usize,
  rows: i32,
  columns: i32,
  epsilon: f32,
): void {
  const stride = <usize>columns * F32;
  const whole = columns & ~3;
  const rest = columns - whole;
  const tail = <usize>whole * F32;
  for (let i = 0; i < rows; i++) {
    const from = x + <usize>i * stride;
    const to = y + <usize>i * stride;
    let sums = rest > 0 ? loadTail(from + tail, rest) : f32x4.splat(0);
    for (let at: usize = 0; at < tail; at += 16) sums = f32x4.add(sums, v128.load(from + at));
    const m = horizontalSum(sums) / <f32>columns;
    const m4 = f32x4.splat(m);
    let squares = f32x4.splat(0);
    for (let at: usize = 0; at < tail; at += 16) {
      const centred = f32x4.sub(v128.load(from + at), m4);
      squares = madd(centred, centred, squares);
    }
    let square = horizontalSum(squares);
    for (let j = whole; j < columns; j++) {
      const centred = load<f32>(from + <usize>j * F32) - m;
      square += centred * centred;
    }
    const r: f32 = 1 / sqrt<f32>(square / <f32>columns + epsilon);
    const r4 = f32x4.splat(r);
    for (let at: usize = 0; at < tail; at += 16) {
      const normed = f32x4.mul(f32x4.sub(v128.load(from + at), m4), r4);
      v128.store(to + at, madd(normed, v128.load(weight + at), v128.load(bias + at)));
    }
    if (rest > 0) {
      const normed = f32x4.mul(f32x4.sub(loadTail(from + tail, rest), m4), r4);
      storeUpTo4(to + tail, madd(normed, loadTail(weight + tail, rest), loadTail(bias + tail, rest)), rest);
    }
    store<f32>(mean + <usize>i * F32, m);
    store<f32>(rstd + <usize>i * F32, r);
  }
}

/**
 * dx = rstd · (d - mean(d) - x̂ · mean(d · x̂)) with d = dy · weight, where dx is not 0; dWeight += Σ dy · x̂ and dBias += Σ dy, where dWeight is
 * not 0. dWeight and dBias must hold zeros or earlier sums.
 */
export function layerNormBackward(
  x: usize,
  weight: usize,
  mean: usize,
  rstd: usize,
  dy: usize,
  dx: usize,
  dWeight: usize,
  dBias: usize,
  rows: i32,
  columns: i32,
): void {
  const stride = <usize>columns * F32;
  const whole = columns & ~3;
  const tail = <usize>whole * F32;
  for (let i = 0; i < rows; i++) {
    const from = x + <usize>i * stride;
    const flow = dy + <usize>i * stride;
    const m = load<f32>(mean + <usize>i * F32);
    const r = load<f32>(rstd + <usize>i * F32);
    const m4 = f32x4.splat(m);
    const r4 = f32x4.splat(r);
    let sums = f32x4.splat(0);
    let products = f32x4.splat(0);
    for (let at: usize = 0; at < tail; at += 16) {
      const normed = f32x4.mul(f32x4.sub(v128.load(from + at), m4), r4);
      const g = v128.load(flow + at);
      if (dWeight !== 0) {
        v128.store(dWeight + at, madd(g, normed, v128.load(dWeight + at)));
        v128.store(dBias + at, f32x4.add(g, v128.load(dBias + at)));
      }
      const d = f32x4.mul(g, v128.load(weight + at));
      sums = f32x4.add(sums, d);
      products = madd(d, normed, products);
    }
    let sum = horizontalSum(sums);
    let product = horizontalSum(products);
    for (let j = whole; j < columns; j++) {
      const at = <usize>j * F32;
      const normed = (load<f32>(from + at) - m) * r;
      const g = load<f32>(flow + at);
      if (dWeight !== 0) {
        store<f32>(dWeight + at, load<f32>(dWeight + at) + g * normed);
        store<f32>(dBias + at, load<f32>(dBias + at) + g);
      }
      const d = g * load<f32>(weight + at);
      sum += d;
      product += d * normed;
    }
    if (dx === 0) continue;
    const out = dx + <usize>i * stride;
    const meanD = sum / <f32>columns;
    const meanP = product / <f32>columns;
    const meanD4 = f32x4.splat(meanD);
    const meanP4 = f32x4.splat(meanP);
    for (let at: usize = 0; at < tail; at += 16) {
      const normed = f32x4.mul(f32x4.sub(v128.load(from + at), m4), r4);
      const d = f32x4.mul(v128.load(flow + at), v128.load(weight + at));
      const tangent = f32x4.sub(f32x4.sub(d, meanD4), f32x4.mul(normed, meanP4));
      v128.store(out + at, f32x4.mul(tangent, r4));
    }
    for (let j = whole; j < columns; j++) {
      const at = <usize>j * F32;
      const normed = (load<f32>(from + at) - m) * r;
      const d = load<f32>(flow + at) * load<f32>(weight + at);
      store<f32>(out + at, (d - meanD - normed * meanP) * r);
    }
  }
}
