import { gemm, gemmScratchBytes } from './gemm';
import { exp4, F32, horizontalSum, madd } from './math';

/** Bytes of scratch for one call of `attentionForward` or `attentionBackward`. */
export function attentionScratchBytes(tokens: i32, headSize: i32): i32 {
  return gemmScratchBytes(max(tokens, headSize)) + 2 * tokens * padded(tokens) * 4;
}

/** Rows of score matrices are padded to whole vectors. */
// @ts-ignore: decorator
@inline
function padded(tokens: i32): i32 {
  return (tokens + 3) & ~3;
}

/**
 * y = softmax(q · kᵀ · scale) · v for each of the heads `first` to `end` (counted over batch and head). qkv `[batch · tokens, 3 · width]`, y
 * `[batch · tokens, width]`; softmax `[batch · heads, tokens, 2]` takes shift and factor of each row for backward. lengths (0: none) are i32 `[batch]`; keys at or
 * beyond them are masked.
 */
export function attentionForward(
  qkv: usize,
  lengths: usize,
  y: usize,
  softmax: usize,
  tokens: i32,
  heads: i32,
  headSize: i32,
  causal: bool,
  first: i32,
  end: i32,
  scratch: usize,
): void {
  const width = heads * headSize;
  const row = 3 * width;
  const line = padded(tokens);
  const p = scratch + <usize>gemmScratchBytes(max(tokens, headSize));
  const scale: f32 = 1 / sqrt<f32>(<f32>headSize);
  for (let index = first; index < end; index++) {
    const batch = index / heads;
    const head = index % heads;
    const q = qkv + <usize>(batch * tokens * row + head * headSize) * F32;
    const k = q + <usize>width * F32;
    const v = k + <usize>width * F32;
    gemm(q, row, 1, k, 1, row, p, line, tokens, tokens, headSize, false, scratch);
    const limit = lengths === 0 ? tokens : min(tokens, load<i32>(lengths + <usize>batch * 4));
    for (let i = 0; i < tokens; i++) {
      const seen = causal ? min(limit, i + 1) : limit;
      softmaxRow(p + <usize>(i * line) * F32, seen, tokens, scale, softmax + <usize>(index * tokens + i) * 2 * F32);
    }
    const out = y + <usize>(batch * tokens * width + head * headSize) * F32;
    gemm(p, line, 1, v, row, 1, out, width, tokens, headSize, tokens, false, scratch);
  }
}

/** Turns a row of unscaled scores into probabilities `exp(score · scale + shift) · factor`; keys from `seen` on get 0. */
function softmaxRow(row: usize, seen: i32, tokens: i32, scale: f32, statistics: usize): void {
  let most: f32 = -Infinity;
  for (let j = 0; j < seen; j++) most = max(most, load<f32>(row + <usize>j * F32));
  const shift = -most * scale;
  const factor: f32 = 1 / expRow(row, seen, tokens, scale, shift);
  multiplyRow(row, seen, factor);
  store<f32>(statistics, shift);
  store<f32>(statistics, factor, F32);
}

/** row[j] = exp(row[j] · scale + shift) for the seen keys, 0 up to the end of the padded row. Returns their sum. */
function expRow(row: usize, seen: i32, tokens: i32, scale: f32, shift: f32): f32 {
  const end = row + <usize>padded(tokens) * F32;
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
 * Gradient of `attentionForward` in qkv: probabilities are computed again from the scores and what forward saved of each row.
 *
 * @param y what forward gave
 * @param dqkv `[batch · tokens, 3 · width]`, overwritten
 */
export function attentionBackward(
  qkv: usize,
  lengths: usize,
  y: usize,
  softmax: usize,
  dy: usize,
  dqkv: usize,
  tokens: i32,
  heads: i32,
  headSize: i32,
  causal: bool,
  first: i32,
  end: i32,
  scratch: usize,
): void {
  const width = heads * headSize;
  const row = 3 * width;
  const line = padded(tokens);
  const p = scratch + <usize>gemmScratchBytes(max(tokens, headSize));
  const dS = p + <usize>(tokens * line) * F32;
  const scale: f32 = 1 / sqrt<f32>(<f32>headSize);
  for (let index = first; index < end; index++) {
    const batch = index / heads;
    const head = index % heads;
    const offset = <usize>(batch * tokens * row + head * headSize) * F32;
    const place = <usize>(batch * tokens * width + head * headSize) * F32;
    const part = <usize>width * F32;
    const q = qkv + offset;
    const k = q + part;
    const v = k + part;
    const dQ = dqkv + offset;
    const dK = dQ + part;
    const dV = dK + part;
    const dO = dy + place;
    gemm(q, row, 1, k, 1, row, p, line, tokens, tokens, headSize, false, scratch);
    const limit = lengths === 0 ? tokens : min(tokens, load<i32>(lengths + <usize>batch * 4));
    for (let i = 0; i < tokens; i++) {
      const seen = causal ? min(limit, i + 1) : limit;
      const statistics = softmax + <usize>(index * tokens + i) * 2 * F32;
      expRow(p + <usize>(i * line) * F32, seen, tokens, scale, load<f32>(statistics));
      multiplyRow(p + <usize>(i * line) * F32, seen, load<f32>(statistics, F32));
    }
    gemm(p, 1, line, dO, width, 1, dV, row, tokens, headSize, tokens, false, scratch);
    gemm(dO, width, 1, v, 1, row, dS, line, tokens, tokens, headSize, false, scratch);
    for (let i = 0; i < tokens; i++) {
      const at = <usize>(i * width) * F32;
      scoreGradient(p + <usize>(i * line) * F32, dS + <usize>(i * line) * F32, tokens, dot(dO + at, y + place + at, headSize), scale);
    }
    gemm(dS, line, 1, k, row, 1, dQ, row, tokens, headSize, tokens, false, scratch);
    gemm(dS, 1, line, q, row, 1, dK, row, tokens, headSize, tokens, false, scratch);
  }
}

/** dP becomes p · (dP - along) · scale. */
// @ts-ignore: decorator
@inline
function scoreGradient(p: usize, dP: usize, tokens: i32, along: f32, scale: f32): void {
  const along4 = f32x4.splat(along);
  const scale4 = f32x4.splat(scale);
  const whole = <usize>(tokens & ~3) * F32;
  for (let at: usize = 0; at < whole; at += 16) {
    const through = f32x4.sub(v128.load(dP + at), along4);
    v128.store(dP + at, f32x4.mul(f32x4.mul(v128.load(p + at), through), scale4));
  }
  for (let at = whole; at < <usize>tokens * F32; at += F32) {
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
