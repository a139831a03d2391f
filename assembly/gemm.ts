import { F32, madd, storeUpTo4 } from './math';

/** Rows and columns of the register tile, and the depth after which partial sums go back to memory, so that packed panels stay in cache. */
const TILE_ROWS: i32 = 4;
const TILE_COLUMNS: i32 = 8;
const DEPTH: i32 = 256;
/** Rows of A that are packed at a time. */
const ROWS: i32 = 96;

/** Bytes of scratch that `gemm` needs for any product with this many columns. */
export function gemmScratchBytes(columns: i32): i32 {
  const panels = (columns + TILE_COLUMNS - 1) / TILE_COLUMNS;
  return (ROWS * DEPTH + panels * TILE_COLUMNS * DEPTH) * 4;
}

/**
 * C += A · B, or C = A · B, after Goto and van de Geijn (2008), "Anatomy of high-performance matrix multiplication": panels of both factors
 * are packed so that the innermost loop reads memory in order. Strides are in elements, so that any factor may be transposed or part of a
 * wider matrix.
 *
 * @param scratch `gemmScratchBytes(columns)` bytes, 16-byte aligned
 */
export function gemm(
  a: usize,
  aRow: i32,
  aColumn: i32,
  b: usize,
  bRow: i32,
  bColumn: i32,
  c: usize,
  cRow: i32,
  rows: i32,
  columns: i32,
  depth: i32,
  accumulate: bool,
  scratch: usize,
): void {
  const packedA = scratch;
  const packedB = scratch + <usize>(ROWS * DEPTH) * F32;
  for (let k = 0; k < depth; k += DEPTH) {
    const slice = min(DEPTH, depth - k);
    packB(b + <usize>(k * bRow) * F32, bRow, bColumn, columns, slice, packedB);
    const add = accumulate || k > 0;
    for (let i = 0; i < rows; i += ROWS) {
      const block = min(ROWS, rows - i);
      packA(a + <usize>(i * aRow + k * aColumn) * F32, aRow, aColumn, block, slice, packedA);
      for (let j = 0; j < columns; j += TILE_COLUMNS) {
        const panel = packedB + <usize>(j * slice) * F32;
        for (let r = 0; r < block; r += TILE_ROWS) {
          const out = c + <usize>((i + r) * cRow + j) * F32;
          tile(packedA + <usize>(r * slice) * F32, panel, slice, out, cRow, block - r, columns - j, add);
        }
      }
    }
  }
}

/** Four rows after each other, column by column: `packed[row / 4][k][4]`, missing rows 0. */
function packA(a: usize, aRow: i32, aColumn: i32, rows: i32, depth: i32, packed: usize): void {
  let to = packed;
  for (let r = 0; r < rows; r += TILE_ROWS) {
    const from = a + <usize>(r * aRow) * F32;
    const step = <usize>aColumn * F32;
    if (rows - r < TILE_ROWS) {
      for (let k = 0; k < depth; k++) {
        for (let lane = 0; lane < TILE_ROWS; lane++) {
          const value = lane < rows - r ? load<f32>(from + <usize>(lane * aRow + k * aColumn) * F32) : 0;
          store<f32>(to + <usize>lane * F32, value);
        }
        to += 16;
      }
    } else if (aRow === 1) {
      let at = from;
      for (let k = 0; k < depth; k++) {
        v128.store(to, v128.load(at));
        at += step;
        to += 16;
      }
    } else {
      to = transposeRows(from, <usize>aRow * F32, step, depth, to, 16);
    }
  }
}

/** Eight columns beside each other, row by row: `packed[column / 8][k][8]`, missing columns 0. */
function packB(b: usize, bRow: i32, bColumn: i32, columns: i32, depth: i32, packed: usize): void {
  for (let j = 0; j < columns; j += TILE_COLUMNS) {
    const from = b + <usize>(j * bColumn) * F32;
    const to = packed + <usize>(j * depth) * F32;
    const step = <usize>bRow * F32;
    if (columns - j < TILE_COLUMNS) {
      for (let k = 0; k < depth; k++) {
        for (let lane = 0; lane < TILE_COLUMNS; lane++) {
          const value = lane < columns - j ? load<f32>(from + <usize>(lane * bColumn + k * bRow) * F32) : 0;
          store<f32>(to + <usize>(k * TILE_COLUMNS + lane) * F32, value);
        }
      }
    } else if (bColumn === 1) {
      let at = from;
      let end = to;
      for (let k = 0; k < depth; k++) {
        v128.store(end, v128.load(at));
        v128.store(end, v128.load(at, 16), 16);
        at += step;
        end += 32;
      }
    } else {
      transposeRows(from, <usize>bColumn * F32, step, depth, to, 32);
      transposeRows(from + <usize>(4 * bColumn) * F32, <usize>bColumn * F32, step, depth, to + 16, 32);
    }
  }
}

/**
 * Writes four rows of a matrix as columns: out[k] = (row0[k], …, row3[k]). Steps are in bytes; where the rows are contiguous, 4 × 4 blocks are
 * turned in registers. Returns the address behind the last column.
 */
function transposeRows(from: usize, row: usize, step: usize, depth: i32, to: usize, stride: usize): usize {
  let at = from;
  let out = to;
  let k = 0;
  if (step === F32) {
    for (; k + 4 <= depth; k += 4) {
      const r0 = v128.load(at);
      const r1 = v128.load(at + row);
      const r2 = v128.load(at + 2 * row);
      const r3 = v128.load(at + 3 * row);
      const low01 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
      const high01 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
      const low23 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
      const high23 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
      v128.store(out, v128.shuffle<f32>(low01, low23, 0, 1, 4, 5));
      v128.store(out + stride, v128.shuffle<f32>(low01, low23, 2, 3, 6, 7));
      v128.store(out + 2 * stride, v128.shuffle<f32>(high01, high23, 0, 1, 4, 5));
      v128.store(out + 3 * stride, v128.shuffle<f32>(high01, high23, 2, 3, 6, 7));
      at += 16;
      out += 4 * stride;
    }
  }
  for (; k < depth; k++) {
    store<f32>(out, load<f32>(at));
    store<f32>(out, load<f32>(at + row), F32);
    store<f32>(out, load<f32>(at + 2 * row), 2 * F32);
    store<f32>(out, load<f32>(at + 3 * row), 3 * F32);
    at += step;
    out += stride;
  }
  return out;
}

/** One 4 × 8 tile of C, held in eight registers over the whole slice. */
function tile(
  packedA: usize,
  packedB: usize,
  depth: i32,
  c: usize,
  cRow: i32,
  rows: i32,
  columns: i32,
  add: bool,
): void {
  let c00 = f32x4.splat(0);
  let c01 = f32x4.splat(0);
  let c10 = f32x4.splat(0);
  let c11 = f32x4.splat(0);
  let c20 = f32x4.splat(0);
  let c21 = f32x4.splat(0);
  let c30 = f32x4.splat(0);
  let c31 = f32x4.splat(0);
  let pa = packedA;
  let pb = packedB;
  const end = packedA + <usize>depth * 16;
  while (pa < end) {
    const b0 = v128.load(pb);
    const b1 = v128.load(pb, 16);
    const a0 = v128.load32_splat(pa);
    c00 = madd(a0, b0, c00);
    c01 = madd(a0, b1, c01);
    const a1 = v128.load32_splat(pa, 4);
    c10 = madd(a1, b0, c10);
    c11 = madd(a1, b1, c11);
    const a2 = v128.load32_splat(pa, 8);
    c20 = madd(a2, b0, c20);
    c21 = madd(a2, b1, c21);
    const a3 = v128.load32_splat(pa, 12);
    c30 = madd(a3, b0, c30);
    c31 = madd(a3, b1, c31);
    pa += 16;
    pb += 32;
  }
  const stride = <usize>cRow * F32;
  writeRow(c, c00, c01, columns, add);
  if (rows > 1) writeRow(c + stride, c10, c11, columns, add);
  if (rows > 2) writeRow(c + 2 * stride, c20, c21, columns, add);
  if (rows > 3) writeRow(c + 3 * stride, c30, c31, columns, add);
}

// @ts-ignore: decorator
@inline
function writeRow(to: usize, left: v128, right: v128, columns: i32, add: bool): void {
  if (columns >= TILE_COLUMNS) {
    v128.store(to, add ? f32x4.add(v128.load(to), left) : left);
    v128.store(to, add ? f32x4.add(v128.load(to, 16), right) : right, 16);
    return;
  }
  writeNarrow(to, left, right, columns, add);
}

function writeNarrow(to: usize, left: v128, right: v128, columns: i32, add: bool): void {
  let l = left;
  let r = right;
  if (add) {
    for (let lane = 0; lane < columns; lane++) {
      const old = load<f32>(to + <usize>lane * F32);
      if (lane === 0) l = f32x4.add(l, f32x4.replace_lane(f32x4.splat(0), 0, old));
      else if (lane === 1) l = f32x4.add(l, f32x4.replace_lane(f32x4.splat(0), 1, old));
      else if (lane === 2) l = f32x4.add(l, f32x4.replace_lane(f32x4.splat(0), 2, old));
      else if (lane === 3) l = f32x4.add(l, f32x4.replace_lane(f32x4.splat(0), 3, old));
      else if (lane === 4) r = f32x4.add(r, f32x4.replace_lane(f32x4.splat(0), 0, old));
      else if (lane === 5) r = f32x4.add(r, f32x4.replace_lane(f32x4.splat(0), 1, old));
      else r = f32x4.add(r, f32x4.replace_lane(f32x4.splat(0), 2, old));
    }
  }
  storeUpTo4(to, l, columns);
  storeUpTo4(to + 16, r, columns - 4);
}
