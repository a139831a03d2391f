import { F32, loadTail, madd, storeUpTo4 } from './math';

/** Rows and columns of the register tile, and the depth after which partial sums go back to memory, so that packed panels stay in cache. */
const TILE_ROWS: i32 = 4;
const TILE_COLUMNS: i32 = 8;
const DEPTH: i32 = 256;
/** Rows of A that are packed at a time. */
const ROWS: i32 = 96;

/** Bytes of scratch that `gemm` needs for a product of this size, or one with fewer rows or columns. */
export function gemmScratchBytes(rows: i32, columns: i32, depth: i32): i32 {
  const panels = fits(rows, depth) ? 1 : (columns + TILE_COLUMNS - 1) / TILE_COLUMNS;
  return (ROWS * DEPTH + panels * TILE_COLUMNS * DEPTH) * 4;
}

/** Whether the space for rows of A has room for all of a product at once. */
// @ts-ignore: decorator
@inline
function fits(rows: i32, depth: i32): bool {
  return rows <= ROWS && paddedRows(rows) * depth <= ROWS * DEPTH;
}

// @ts-ignore: decorator
@inline
function paddedRows(rows: i32): i32 {
  return (rows + TILE_ROWS - 1) & ~(TILE_ROWS - 1);
}

/**
 * C += A · B, or C = A · B, after Goto and van de Geijn (2008), "Anatomy of high-performance matrix multiplication": panels of both factors
 * are packed so that the innermost loop reads memory in order. Strides are in elements, so that any factor may be transposed or part of a
 * wider matrix.
 *
 * Whatever way is taken, an element is summed along the depth in order, slice by slice: a row has the same bits alone and among others.
 *
 * @param scratch `gemmScratchBytes(rows, columns, depth)` bytes, 16-byte aligned
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
  if (rows === 1 && bColumn === 1) {
    for (let k = 0; k < depth; k += DEPTH) {
      const left = a + <usize>(k * aColumn) * F32;
      const right = b + <usize>(k * bRow) * F32;
      rowTimesRows(left, aColumn, right, bRow, c, columns, min(DEPTH, depth - k), accumulate || k > 0);
    }
    return;
  }
  if (rows === 1 && bRow === 1) {
    rowTimesColumns(a, aColumn, b, bColumn, c, columns, depth, accumulate);
    return;
  }
  if (fits(rows, depth)) {
    const height = paddedRows(rows);
    // All of A fits: B is read once from its first to its last column, and each panel is used while it is in the nearest cache.
    for (let k = 0; k < depth; k += DEPTH) {
      const left = a + <usize>(k * aColumn) * F32;
      packA(left, aRow, aColumn, rows, min(DEPTH, depth - k), packedA + <usize>(height * k) * F32);
    }
    for (let j = 0; j < columns; j += TILE_COLUMNS) {
      const wide = min(TILE_COLUMNS, columns - j);
      const right = b + <usize>(j * bColumn) * F32;
      for (let k = 0; k < depth; k += DEPTH) {
        const slice = min(DEPTH, depth - k);
        packB(right + <usize>(k * bRow) * F32, bRow, bColumn, wide, slice, packedB);
        const left = packedA + <usize>(height * k) * F32;
        tiles(left, packedB, slice, c + <usize>j * F32, cRow, rows, wide, accumulate || k > 0);
      }
    }
    return;
  }
  for (let k = 0; k < depth; k += DEPTH) {
    const slice = min(DEPTH, depth - k);
    packB(b + <usize>(k * bRow) * F32, bRow, bColumn, columns, slice, packedB);
    const add = accumulate || k > 0;
    for (let i = 0; i < rows; i += ROWS) {
      const block = min(ROWS, rows - i);
      packA(a + <usize>(i * aRow + k * aColumn) * F32, aRow, aColumn, block, slice, packedA);
      for (let j = 0; j < columns; j += TILE_COLUMNS) {
        const panel = packedB + <usize>(j * slice) * F32;
        tiles(packedA, panel, slice, c + <usize>(i * cRow + j) * F32, cRow, block, columns - j, add);
      }
    }
  }
}

/** The tiles of one panel of B. */
// @ts-ignore: decorator
@inline
function tiles(
  packedA: usize,
  panel: usize,
  slice: i32,
  c: usize,
  cRow: i32,
  rows: i32,
  columns: i32,
  add: bool,
): void {
  for (let r = 0; r < rows; r += TILE_ROWS) {
    tile(packedA + <usize>(r * slice) * F32, panel, slice, c + <usize>(r * cRow) * F32, cRow, rows - r, columns, add);
  }
}

/** One row of A times a slice of B whose rows are contiguous, read where they lie. */
function rowTimesRows(
  a: usize,
  aColumn: i32,
  b: usize,
  bRow: i32,
  c: usize,
  columns: i32,
  depth: i32,
  add: bool,
): void {
  const aStep = <usize>aColumn * F32;
  const bStep = <usize>bRow * F32;
  let j: i32 = 0;
  for (; j + 16 <= columns; j += 16) {
    let c0 = f32x4.splat(0);
    let c1 = f32x4.splat(0);
    let c2 = f32x4.splat(0);
    let c3 = f32x4.splat(0);
    let left = a;
    let right = b + <usize>j * F32;
    for (let k = 0; k < depth; k++) {
      const x = v128.load32_splat(left);
      c0 = madd(x, v128.load(right), c0);
      c1 = madd(x, v128.load(right, 16), c1);
      c2 = madd(x, v128.load(right, 32), c2);
      c3 = madd(x, v128.load(right, 48), c3);
      left += aStep;
      right += bStep;
    }
    const out = c + <usize>j * F32;
    writeRow(out, c0, c1, TILE_COLUMNS, add);
    writeRow(out + 32, c2, c3, TILE_COLUMNS, add);
  }
  for (; j < columns; j += 4) {
    const wide = columns - j;
    let sum = f32x4.splat(0);
    let left = a;
    let right = b + <usize>j * F32;
    for (let k = 0; k < depth; k++) {
      const y = wide >= 4 ? v128.load(right) : loadTail(right, wide);
      sum = madd(v128.load32_splat(left), y, sum);
      left += aStep;
      right += bStep;
    }
    writeFour(c + <usize>j * F32, sum, wide, add);
  }
}

/** One row of A times B whose columns are contiguous: blocks of four by four are turned in registers, so that every column is summed in order. */
function rowTimesColumns(
  a: usize,
  aColumn: i32,
  b: usize,
  bColumn: i32,
  c: usize,
  columns: i32,
  depth: i32,
  accumulate: bool,
): void {
  const aStep = <usize>aColumn * F32;
  const bStep = <usize>bColumn * F32;
  for (let j = 0; j < columns; j += 16) {
    const out = c + <usize>j * F32;
    let left = a;
    let right = b + <usize>j * bStep;
    for (let from = 0; from < depth; from += DEPTH) {
      const add = accumulate || from > 0;
      const slice = min(DEPTH, depth - from);
      if (columns - j >= 16) {
        sixteenColumns(left, aStep, right, bStep, out, slice, add);
      } else {
        for (let i = j; i < columns; i += 4) {
          fewColumns(left, aStep, right + <usize>(i - j) * bStep, bStep, c + <usize>i * F32, columns - i, slice, add);
        }
      }
      left += <usize>slice * aStep;
      right += <usize>slice * F32;
    }
  }
}

/** Steps are in bytes. */
// @ts-ignore: decorator
@inline
function sixteenColumns(a: usize, aStep: usize, b: usize, bStep: usize, c: usize, depth: i32, add: bool): void {
  let c0 = f32x4.splat(0);
  let c1 = f32x4.splat(0);
  let c2 = f32x4.splat(0);
  let c3 = f32x4.splat(0);
  let left = a;
  let right = b;
  let k: i32 = 0;
  for (; k + 4 <= depth; k += 4) {
    const x0 = v128.load32_splat(left);
    const x1 = v128.load32_splat(left + aStep);
    const x2 = v128.load32_splat(left + 2 * aStep);
    const x3 = v128.load32_splat(left + 3 * aStep);
    c0 = addBlock(x0, x1, x2, x3, right, bStep, c0);
    c1 = addBlock(x0, x1, x2, x3, right + 4 * bStep, bStep, c1);
    c2 = addBlock(x0, x1, x2, x3, right + 8 * bStep, bStep, c2);
    c3 = addBlock(x0, x1, x2, x3, right + 12 * bStep, bStep, c3);
    left += 4 * aStep;
    right += 16;
  }
  for (; k < depth; k++) {
    const x = v128.load32_splat(left);
    c0 = madd(x, acrossColumns(right, bStep, 4), c0);
    c1 = madd(x, acrossColumns(right + 4 * bStep, bStep, 4), c1);
    c2 = madd(x, acrossColumns(right + 8 * bStep, bStep, 4), c2);
    c3 = madd(x, acrossColumns(right + 12 * bStep, bStep, 4), c3);
    left += aStep;
    right += F32;
  }
  writeRow(c, c0, c1, TILE_COLUMNS, add);
  writeRow(c + 32, c2, c3, TILE_COLUMNS, add);
}

/** The first four columns, or as many as there are. */
function fewColumns(
  a: usize,
  aStep: usize,
  b: usize,
  bStep: usize,
  c: usize,
  columns: i32,
  depth: i32,
  add: bool,
): void {
  let sum = f32x4.splat(0);
  let left = a;
  let right = b;
  for (let k = 0; k < depth; k++) {
    sum = madd(v128.load32_splat(left), acrossColumns(right, bStep, columns), sum);
    left += aStep;
    right += F32;
  }
  writeFour(c, sum, columns, add);
}

/** sum + x0 · row 0 + … + x3 · row 3 of the block whose four columns lie `step` bytes apart. */
// @ts-ignore: decorator
@inline
function addBlock(x0: v128, x1: v128, x2: v128, x3: v128, block: usize, step: usize, sum: v128): v128 {
  const b0 = v128.load(block);
  const b1 = v128.load(block + step);
  const b2 = v128.load(block + 2 * step);
  const b3 = v128.load(block + 3 * step);
  const low01 = v128.shuffle<f32>(b0, b1, 0, 4, 1, 5);
  const high01 = v128.shuffle<f32>(b0, b1, 2, 6, 3, 7);
  const low23 = v128.shuffle<f32>(b2, b3, 0, 4, 1, 5);
  const high23 = v128.shuffle<f32>(b2, b3, 2, 6, 3, 7);
  let s = madd(x0, v128.shuffle<f32>(low01, low23, 0, 1, 4, 5), sum);
  s = madd(x1, v128.shuffle<f32>(low01, low23, 2, 3, 6, 7), s);
  s = madd(x2, v128.shuffle<f32>(high01, high23, 0, 1, 4, 5), s);
  return madd(x3, v128.shuffle<f32>(high01, high23, 2, 3, 6, 7), s);
}

/** One element of each of the first four columns, or as many as there are; the rest 0. */
// @ts-ignore: decorator
@inline
function acrossColumns(from: usize, step: usize, columns: i32): v128 {
  let x = v128.load32_zero(from);
  if (columns > 1) x = f32x4.replace_lane(x, 1, load<f32>(from + step));
  if (columns > 2) x = f32x4.replace_lane(x, 2, load<f32>(from + 2 * step));
  if (columns > 3) x = f32x4.replace_lane(x, 3, load<f32>(from + 3 * step));
  return x;
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

// @ts-ignore: decorator
@inline
function writeFour(to: usize, sum: v128, columns: i32, add: bool): void {
  if (columns >= 4) v128.store(to, add ? f32x4.add(v128.load(to), sum) : sum);
  else writeNarrow(to, sum, f32x4.splat(0), columns, add);
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
