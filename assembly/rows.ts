import { F32, loadTail, storeTail } from './math';

/** out[j] (+)= Σᵢ x[i, j]. */
export function columnSums(x: usize, out: usize, rows: i32, columns: i32, accumulate: bool): void {
  const stride = <usize>columns * F32;
  for (let j = 0; j < columns; j += 4) {
    const at = <usize>j * F32;
    const count = min(4, columns - j);
    let sum = f32x4.splat(0);
    if (accumulate) sum = count === 4 ? v128.load(out + at) : loadTail(out + at, count);
    let row = x + at;
    if (count === 4) {
      for (let i = 0; i < rows; i++) {
        sum = f32x4.add(sum, v128.load(row));
        row += stride;
      }
      v128.store(out + at, sum);
    } else {
      for (let i = 0; i < rows; i++) {
        sum = f32x4.add(sum, loadTail(row, count));
        row += stride;
      }
      storeTail(out + at, sum, count);
    }
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
