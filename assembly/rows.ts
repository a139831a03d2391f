import { F32, loadTail, storeUpTo4 } from './math';

/** out[j] (+)= Σᵢ x[i, j], the rows of x being `stride` floats apart. */
export function columnSums(x: usize, stride: i32, out: usize, rows: i32, columns: i32, accumulate: bool): void {
  const step = <usize>stride * F32;
  let j: i32 = 0;
  // A whole cache line of each row at a time.
  for (; j + 16 <= columns; j += 16) {
    const to = out + <usize>j * F32;
    let sum0 = f32x4.splat(0);
    let sum1 = f32x4.splat(0);
    let sum2 = f32x4.splat(0);
    let sum3 = f32x4.splat(0);
    if (accumulate) {
      sum0 = v128.load(to);
      sum1 = v128.load(to, 16);
      sum2 = v128.load(to, 32);
      sum3 = v128.load(to, 48);
    }
    let row = x + <usize>j * F32;
    for (let i = 0; i < rows; i++) {
      sum0 = f32x4.add(sum0, v128.load(row));
      sum1 = f32x4.add(sum1, v128.load(row, 16));
      sum2 = f32x4.add(sum2, v128.load(row, 32));
      sum3 = f32x4.add(sum3, v128.load(row, 48));
      row += step;
    }
    v128.store(to, sum0);
    v128.store(to, sum1, 16);
    v128.store(to, sum2, 32);
    v128.store(to, sum3, 48);
  }
  for (; j < columns; j += 4) {
    const at = <usize>j * F32;
    const count = min(4, columns - j);
    let sum = f32x4.splat(0);
    if (accumulate) sum = count === 4 ? v128.load(out + at) : loadTail(out + at, count);
    let row = x + at;
    for (let i = 0; i < rows; i++) {
      sum = f32x4.add(sum, count === 4 ? v128.load(row) : loadTail(row, count));
      row += step;
    }
    storeUpTo4(out + at, sum, count);
  }
}

/** y[i, j] = row[j] + residual[i, j]; either may be 0 for "none", then it counts as zeros. */
export function fillRows(row: usize, residual: usize, y: usize, rows: i32, columns: i32): void {
  const stride = <usize>columns * F32;
  for (let i = 0; i < rows; i++) {
    const out = y + <usize>i * stride;
    const add = residual + <usize>i * stride;
    let j: i32 = 0;
    for (; j + 4 <= columns; j += 4) {
      const at = <usize>j * F32;
      let sum = row === 0 ? f32x4.splat(0) : v128.load(row + at);
      if (residual !== 0) sum = f32x4.add(sum, v128.load(add + at));
      v128.store(out + at, sum);
    }
    for (; j < columns; j++) {
      const at = <usize>j * F32;
      let sum: f32 = row === 0 ? 0 : load<f32>(row + at);
      if (residual !== 0) sum += load<f32>(add + at);
      store<f32>(out + at, sum);
    }
  }
}

/** table[ids[i]] += x[i] for i32 ids, in order, so that the same batch gives the same bits. */
export function scatterAddRows(ids: usize, x: usize, table: usize, rows: i32, columns: i32): void {
  const stride = <usize>columns * F32;
  for (let i = 0; i < rows; i++) {
    const from = x + <usize>i * stride;
    const to = table + <usize>load<i32>(ids + <usize>i * 4) * stride;
    let j: i32 = 0;
    for (; j + 4 <= columns; j += 4) {
      const at = <usize>j * F32;
      v128.store(to + at, f32x4.add(v128.load(to + at), v128.load(from + at)));
    }
    for (; j < columns; j++) {
      const at = <usize>j * F32;
      store<f32>(to + at, load<f32>(to + at) + load<f32>(from + at));
    }
  }
}
