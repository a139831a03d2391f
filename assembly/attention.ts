import { gemm, gemmScratchBytes } from './gemm';
import { exp4, F32, horizontalSum, madd } from './math';

/** Bytes of scratch for one call of `attentionForward` or `attentionBackward`. */
export function attentionScratchBytes(queries: i32, keys: i32, headSize: i32): i32 {
  return productScratchBytes(queries, keys, headSize) + 2 * queries * padded(keys) * 4;
}

/** Enough for each of the products, which have queries or keys as rows, and any of the three as columns and depth. */
// @ts-ignore: decorator
@inline
function productScratchBytes(queries: i32, keys: i32, headSize: i32): i32 {
  const longest = max(keys, headSize);
  return gemmScratchBytes(max(queries, keys), longest, max(queries, longest));
}

/** Rows of score matrices are padded to whole vectors. */
// @ts-ignore: decorator
@inline
function padded(keys: i32): i32 {
  return (keys + 3) & ~3;
}

/** How many keys query i of a sequence sees. */
// @ts-ignore: decorator
@inline
function keysSeen(lengths: usize, offsets: usize, batch: i32, i: i32, keys: i32, causal: bool): i32 {
  const limit = lengths === 0 ? keys : min(keys, load<i32>(lengths + <usize>batch * 4));
  if (!causal) return limit;
  const offset = offsets === 0 ? 0 : load<i32>(offsets + <usize>batch * 4);
  return min(limit, offset + i + 1);
}

/**
 * y = softmax(q · kᵀ · scale) · v for each of the heads `first` to `end` (counted over batch and head). Query i of a sequence lies at
 * `query + (sequence · querySequence + i · queryRow)` floats, key j at `key + (sequence · keys + j) · keyRow` and its value a width behind it.
 * y `[batch · queries, width]`; softmax `[batch · heads, queries, 2]` takes shift and factor of each row for backward. lengths and
 * offsets (0: none) are i32 `[batch]`; keys at or beyond the length are masked, and with `causal` those beyond the query's offset position.
 * Probabilities are dropped by `dropRow`, where the threshold is not 0.
 */
export function attentionForward(
  query: usize,
  queryRow: i32,
  querySequence: i32,
  key: usize,
  keyRow: i32,
  lengths: usize,
  offsets: usize,
  y: usize,
  softmax: usize,
  queries: i32,
  keys: i32,
  heads: i32,
  headSize: i32,
  causal: bool,
  threshold: u32,
  mask: u32,
  kept: f32,
  first: i32,
  end: i32,
  scratch: usize,
): void {
  const width = heads * headSize;
  const line = padded(keys);
  const p = scratch + <usize>productScratchBytes(queries, keys, headSize);
  const scale: f32 = 1 / sqrt<f32>(<f32>headSize);
  for (let index = first; index < end; index++) {
    const batch = index / heads;
    const head = index % heads;
    const q = query + <usize>(batch * querySequence + head * headSize) * F32;
    const k = key + <usize>(batch * keys * keyRow + head * headSize) * F32;
    const v = k + <usize>width * F32;
    gemm(q, queryRow, 1, k, 1, keyRow, p, line, queries, keys, headSize, false, scratch);
    for (let i = 0; i < queries; i++) {
      const seen = keysSeen(lengths, offsets, batch, i, keys, causal);
      softmaxRow(p + <usize>(i * line) * F32, seen, keys, scale, softmax + <usize>(index * queries + i) * 2 * F32);
      if (threshold !== 0) dropRow(p + <usize>(i * line) * F32, seen, (index * queries + i) * keys, threshold, mask, kept);
    }
    const out = y + <usize>(batch * queries * width + head * headSize) * F32;
    gemm(p, line, 1, v, keyRow, 1, out, width, queries, headSize, keys, false, scratch);
  }
}

/**
 * The mask of dropout times a row, as `keepMask` of `src/engine/tfjs/dropout.ts` draws it: 0 where the hash of an element's place lies below the
 * threshold, `kept` elsewhere.
 *
 * @param from place of the row's first element in the mask
 */
function dropRow(row: usize, count: i32, from: i32, threshold: u32, mask: u32, kept: f32): void {
  for (let j = 0; j < count; j++) {
    const at = row + <usize>j * F32;
    store<f32>(at, hash(mask ^ <u32>(from + j)) < threshold ? 0 : load<f32>(at) * kept);
  }
}

// @ts-ignore: decorator
@inline
function hash(value: u32): u32 {
  let x = value;
  x = (x ^ (x >>> 16)) * 0x7feb352d;
  x = (x ^ (x >>> 15)) * 0x846ca68b;
  return x ^ (x >>> 16);
}

/** Turns a row of unscaled scores into probabilities `exp(score · scale + shift) · factor`; keys from `seen` on get 0. */
function softmaxRow(row: usize, seen: i32, keys: i32, scale: f32, statistics: usize): void {
  let most: f32 = -Infinity;
  for (let j = 0; j < seen; j++) most = max(most, load<f32>(row + <usize>j * F32));
  const shift = -most * scale;
  const factor: f32 = 1 / expRow(row, seen, keys, scale, shift);
  multiplyRow(row, seen, factor);
  store<f32>(statistics, shift);
  store<f32>(statistics, factor, F32);
}

/** row[j] = exp(row[j] · scale + shift) for the seen keys, 0 up to the end of the padded row. Returns their sum. */
function expRow(row: usize, seen: i32, keys: i32, scale: f32, shift: f32): f32 {
  const end = row + <usize>padded(keys) * F32;
  for (let at = row + <usize>seen * F32; at < end; at += F32) store<f32>(at, -Infinity);
  const scale4 = f32x4.splat(scale);
  const shift4 = f32x4.splat(shift);
  const last = row + <usize>padded(seen) * F32;
  let sums = f32x4.splat(0);
  let at = row;
  for (; at < last; at += 16) {
    const e = exp4(madd(v128.load(at), scale4, shift4));
    v128.store(at, e);
    sums = f32x4.add(sums, e);
  }
  for (; at < end; at += 16) v128.store(at, f32x4.splat(0));
  return horizontalSum(sums);
}

function multiplyRow(row: usize, count: i32, factor: f32): void {
  const factor4 = f32x4.splat(factor);
  const end = row + <usize>padded(count) * F32;
  for (let at = row; at < end; at += 16) v128.store(at, f32x4.mul(v128.load(at), factor4));
}

/**
 * Gradients of `attentionForward` in queries, keys and values: probabilities are computed again from the scores and what forward saved of each row.
 *
 * @param y what forward gave
 * @param dQuery overwritten; rows of `dQueryRow` floats, `queries` of them for each sequence
 * @param dKey overwritten; laid out as keys and values
 */
export function attentionBackward(
  query: usize,
  queryRow: i32,
  querySequence: i32,
  key: usize,
  keyRow: i32,
  lengths: usize,
  offsets: usize,
  y: usize,
  softmax: usize,
  dy: usize,
  dQuery: usize,
  dQueryRow: i32,
  dKey: usize,
  queries: i32,
  keys: i32,
  heads: i32,
  headSize: i32,
  causal: bool,
  threshold: u32,
  mask: u32,
  kept: f32,
  first: i32,
  end: i32,
  scratch: usize,
): void {
  const width = heads * headSize;
  const line = padded(keys);
  const p = scratch + <usize>productScratchBytes(queries, keys, headSize);
  const dS = p + <usize>(queries * line) * F32;
  const scale: f32 = 1 / sqrt<f32>(<f32>headSize);
  for (let index = first; index < end; index++) {
    const batch = index / heads;
    const head = index % heads;
    const offset = <usize>(batch * keys * keyRow + head * headSize) * F32;
    const place = <usize>(batch * queries * width + head * headSize) * F32;
    const part = <usize>width * F32;
    const q = query + <usize>(batch * querySequence + head * headSize) * F32;
    const k = key + offset;
    const v = k + part;
    const dQ = dQuery + <usize>(batch * queries * dQueryRow + head * headSize) * F32;
    const dK = dKey + offset;
    const dV = dK + part;
    const dO = dy + place;
    gemm(q, queryRow, 1, k, 1, keyRow, p, line, queries, keys, headSize, false, scratch);
    for (let i = 0; i < queries; i++) {
      const seen = keysSeen(lengths, offsets, batch, i, keys, causal);
      const statistics = softmax + <usize>(index * queries + i) * 2 * F32;
      expRow(p + <usize>(i * line) * F32, seen, keys, scale, load<f32>(statistics));
      multiplyRow(p + <usize>(i * line) * F32, seen, load<f32>(statistics, F32));
    }
    let through = p;
    if (threshold !== 0) {
      // What was dropped has a gradient through the sum of its row, so that the probabilities themselves are needed again.
      through = dS;
      memory.copy(dS, p, <usize>(queries * line) * F32);
      for (let i = 0; i < queries; i++) {
        dropRow(dS + <usize>(i * line) * F32, keys, (index * queries + i) * keys, threshold, mask, kept);
      }
    }
    gemm(through, 1, line, dO, width, 1, dV, keyRow, keys, headSize, queries, false, scratch);
    gemm(dO, width, 1, v, 1, keyRow, dS, line, queries, keys, headSize, false, scratch);
    for (let i = 0; i < queries; i++) {
      const at = <usize>(i * width) * F32;
      if (threshold !== 0) dropRow(dS + <usize>(i * line) * F32, keys, (index * queries + i) * keys, threshold, mask, kept);
      scoreGradient(p + <usize>(i * line) * F32, dS + <usize>(i * line) * F32, keys, dot(dO + at, y + place + at, headSize), scale);
    }
    gemm(dS, line, 1, k, keyRow, 1, dQ, dQueryRow, queries, headSize, keys, false, scratch);
    gemm(dS, 1, line, q, queryRow, 1, dK, keyRow, keys, headSize, queries, false, scratch);
  }
}

/** dP becomes p · (dP - along) · scale. */
// @ts-ignore: decorator
@inline
function scoreGradient(p: usize, dP: usize, keys: i32, along: f32, scale: f32): void {
  const along4 = f32x4.splat(along);
  const scale4 = f32x4.splat(scale);
  const whole = <usize>(keys & ~3) * F32;
  for (let at: usize = 0; at < whole; at += 16) {
    const through = f32x4.sub(v128.load(dP + at), along4);
    v128.store(dP + at, f32x4.mul(f32x4.mul(v128.load(p + at), through), scale4));
  }
  for (let at = whole; at < <usize>keys * F32; at += F32) {
    store<f32>(dP + at, load<f32>(p + at) * (load<f32>(dP + at) - along) * scale);
  }
}

function dot(a: usize, b: usize, length: i32): f32 {
  let sums = f32x4.splat(0);
  const whole = <usize>(length & ~3) * F32;
  for (let at: usize = 0; at < whole; at += 16) sums = madd(v128.load(a + at), v128.load(b + at), sums);
  let sum = horizontalSum(sums);
  for (let at = whole; at < <usize>length * F32; at += F32) sum += load<f32>(a + at) * load<f32>(b + at);
  return sum;
}
