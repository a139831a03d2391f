import type { AttentionProblem, AttentionVariant } from './problem';

/**
 * How large the tiles of attention are (`tiling.ts`). A tile fits into the workgroup memory that every device has. Among those that fit, the one
 * with the least estimated work is taken; estimates never decide what is computed.
 */

export type TileVariant = Extract<AttentionVariant, { kind: 'tile' }>;

/** Bytes of workgroup memory that every device has. */
const workgroupBytes = 16_384;
/** Rows of a lane that works alone. */
export const rowsPerLane = 4;
const mostRows = { quad: 24, lane: 16 } as const;

/** Tile sizes of a kernel. */
export interface Tile {
  readonly variant: TileVariant;
  /** Tokens of a sequence along the rows and along the columns. */
  readonly rowTokens: number;
  readonly columnTokens: number;
  /** Rows of a tile. */
  readonly rows: number;
  /** Columns that are taken at a time; null: all of them. */
  readonly block: number | null;
  /** Vectors between the rows of a tile in workgroup memory, odd, so that rows start in different banks. */
  readonly stride: number;
  /** The same for the sums of the output, where columns come in blocks. */
  readonly sumStride: number;
  readonly lanes: number;
  /** Columns that a worker computes at once. */
  readonly span: 4 | 16;
  /** Lanes that share what is done row by row. */
  readonly shares: number;
}

/** What lies along the rows of a kernel's tiles, and what it keeps of a tile in workgroup memory: matrices of rows × columns, and outputs of rows × head size. */
export interface TileContents {
  readonly rows: 'query' | 'key';
  readonly matrices: number;
  readonly outputs: number;
}

/** Kernels by tiles of queries keep one matrix and one output, those by tiles of keys two of each. */
export const queryTile: TileContents = { rows: 'query', matrices: 1, outputs: 1 };
export const keyValueTile: TileContents = { rows: 'key', matrices: 2, outputs: 2 };

/** Null where heads have no whole vectors, or are so wide that not even the smallest tile fits. */
export function tileOf(problem: AttentionProblem, variant: TileVariant, contents: TileContents): Tile | null {
  if (problem.width !== 4) return null;
  const whole = wholeTile(problem, variant, contents);
  const blocked = blockedTile(problem, variant, contents);
  if (whole === null || blocked === null) return whole ?? blocked;
  return tileWork(problem, blocked) < clearlyLess * tileWork(problem, whole) ? blocked : whole;
}

/** Estimates are rough: columns are taken in blocks only where that should pay clearly. */
const clearlyLess = 0.8;

function makeTile(
  problem: AttentionProblem,
  variant: TileVariant,
  contents: TileContents,
  rows: number,
  block: number | null,
): Tile {
  const { tokens, keyTokens } = problem;
  const [rowTokens, columnTokens] = contents.rows === 'query' ? [tokens, keyTokens] : [keyTokens, tokens];
  const span = variant.worker === 'quad' ? 16 : 4;
  const columns = block ?? Math.ceil(columnTokens / span) * span;
  const lanes = variant.worker === 'quad' ? 4 : variant.lanes;
  return {
    variant,
    rowTokens,
    columnTokens,
    rows,
    block,
    stride: odd(columns / 4),
    sumStride: odd(problem.chunks),
    lanes,
    span,
    shares: Math.max(1, Math.min(8, 2 ** Math.floor(Math.log2(lanes / rows)))),
  };
}

function odd(count: number): number {
  return count + 1 - (count % 2);
}

/** Bytes of workgroup memory: vectors of 16 bytes, and for each row a few numbers, of which each share has its own. */
function tileBytes({ rows, block, stride, sumStride, shares }: Tile, { matrices, outputs }: TileContents): number {
  const vectors = matrices * stride + (block === null ? 0 : outputs * sumStride);
  return rows * (16 * vectors + 12 * shares + 8);
}

function wholeTile(problem: AttentionProblem, variant: TileVariant, contents: TileContents): Tile | null {
  let best: Tile | null = null;
  let leastWork = Infinity;
  for (let rows = 4; rows <= mostRows[variant.worker]; rows += 4) {
    const tile = makeTile(problem, variant, contents, rows, null);
    if (tileBytes(tile, contents) > workgroupBytes) break;
    // Rows computed in vain past the end, and columns loaded again for each tile (worth about four rows), are what a tile size costs.
    const work = Math.ceil(tile.rowTokens / rows) * (rows + 4);
    if (work <= leastWork) {
      leastWork = work;
      best = tile;
    }
  }
  return best;
}

function blockedTile(problem: AttentionProblem, variant: TileVariant, contents: TileContents): Tile | null {
  let best: Tile | null = null;
  let leastWork = Infinity;
  for (let rows = 4; rows <= mostRows[variant.worker]; rows += 4) {
    for (let block = 16; block <= 256; block += 16) {
      const tile = makeTile(problem, variant, contents, rows, block);
      if (block >= tile.columnTokens || tileBytes(tile, contents) > workgroupBytes) break;
      const work = tileWork(problem, tile);
      if (work < leastWork) {
        leastWork = work;
        best = tile;
      }
    }
  }
  return best;
}

/** What the barriers of a block cost, in vector operations, and taking an output's sum out of workgroup memory and putting it back. */
const barrierWork = 64;
const sumWork = 16;

/** Vector operations that the slowest lane issues for one head of one sequence, up to a factor: a load counts as two. */
function tileWork({ headSize, chunks }: AttentionProblem, tile: Tile): number {
  const { variant, rowTokens, columnTokens, rows, block, lanes } = tile;
  const quad = variant.worker === 'quad';
  const groups = rows / rowsPerLane;
  const sums = quad ? rows : rowsPerLane;
  const step = 4 * sums + 2 * (sums / (quad ? 4 : 1) + 4);
  const outputRounds = Math.ceil(quad ? headSize / 16 : (chunks * groups) / lanes);
  const overhead = block === null ? 0 : outputRounds * sums * sumWork + barrierWork;
  const workOf = (columns: number): number => {
    const scoreRounds = Math.ceil(quad ? columns / 16 : (Math.ceil(columns / 4) * groups) / lanes);
    return scoreRounds * chunks * step + outputRounds * Math.ceil(columns / 4) * step + overhead;
  };
  const size = block ?? columnTokens;
  const rest = columnTokens % size;
  const work = Math.floor(columnTokens / size) * workOf(size) + (rest === 0 ? 0 : workOf(rest));
  // Columns are loaded again for each tile, which is worth about four rows.
  return Math.ceil(rowTokens / rows) * (1 + 4 / rows) * work;
}
