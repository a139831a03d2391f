import type { AttentionProblem, HeadSource } from './problem';
import { rowsPerLane, type Tile } from './tile-size';

/**
 * Attention by tiles. A workgroup owns a tile of rows (queries, or keys for the gradient of keys and values) of one head of one sequence and
 * goes through three stages: products of its rows with columns (keys, or queries) into workgroup memory; what happens row by row there;
 * products of that with the columns' vectors into the output. Nothing of size queries × keys leaves the workgroup.
 *
 * Where a tile of enough rows fits with all of its columns, it goes through the stages once, with two or three barriers in all. Longer
 * sequences are taken a block of columns at a time, while the output is summed up in workgroup memory: room and time of a workgroup then
 * do not depend on what fits (Dao 2023, arXiv 2307.08691).
 *
 * A worker is a lane or a quad of four. In a quad, lane l loads row 4 f + l of a tile for every f, and swaps give each lane all rows while it
 * keeps columns 4 l … 4 l + 3 of every 16; see `quadTileMatmul`. One workgroup is then one quad, which keeps the control flow
 * uniform, as swaps demand. Lanes that work alone take rows g, g + G, g + 2 G, … of G groups: neighbouring lanes then read neighbouring rows
 * of workgroup memory, which lie in different banks since the stride is odd.
 */

/** What a worker's lane loads of the left operand and sums, with rows as WGSL expressions relative to the tile. */
export interface Worker {
  /** Vectors of the left operand that a lane loads per step, as `a<f>`. */
  readonly loads: readonly number[];
  readonly loadedRow: (load: number) => string;
  /** Passes `a<f>` to the other lanes. */
  readonly spread: (load: number) => readonly string[];
  /** Sums of a lane: the row they belong to, and the variable that holds this row's vector of the left operand. */
  readonly sums: readonly { readonly name: string; readonly row: string; readonly left: string }[];
}

export function workerOf(tile: Tile): Worker {
  if (tile.variant.worker === 'lane') {
    const loads = Array.from({ length: rowsPerLane }, (_, f) => f);
    const row = (f: number): string => `first_row + ${(f * tile.rows) / rowsPerLane}u`;
    return {
      loads,
      loadedRow: row,
      sums: loads.map((f) => ({ name: `${f}`, row: row(f), left: `a${f}` })),
      spread: () => [],
    };
  }
  const loads = Array.from({ length: tile.rows / 4 }, (_, f) => f);
  const swaps = ['', 'quadSwapX', 'quadSwapY', 'quadSwapDiagonal'];
  return {
    loads,
    loadedRow: (f) => `${4 * f}u + lane`,
    sums: loads.flatMap((f) =>
      swaps.map((_, i) => ({
        name: `${f}_${i}`,
        row: `${4 * f}u + (lane ^ ${i}u)`,
        left: i === 0 ? `a${f}` : `a${f}_${i}`,
      })),
    ),
    spread: (f) => swaps.flatMap((swap, i) => (i === 0 ? [] : [`let a${f}_${i} = ${swap}(a${f});`])),
  };
}

/** Columns `from`…`to`, as WGSL expressions; `from` is a multiple of the tile's span. */
export interface Columns {
  readonly from: string;
  readonly to: string;
}

/** Loop over the worker's share of some columns. In the body, `column` is the first of the lane's four columns. */
export function forEachSpan(tile: Tile, { from, to }: Columns, body: readonly string[]): string {
  const inner = body.map((line) => `    ${line}`).join('\n');
  if (tile.variant.worker === 'quad') {
    return `  for (var span = ${from}; span < ${to}; span += 16u) {
    let column = span + 4u * lane;
${inner}
  }`;
  }
  const groups = tile.rows / rowsPerLane;
  return `  for (var work = lane; work < ((${to} - ${from} + 3u) >> 2u) * ${groups}u; work += ${tile.lanes}u) {
    let first_row = work % ${groups}u;
    let column = ${from} + (work / ${groups}u) * 4u;
${inner}
  }`;
}

/** Loop over what is done row by row: `slot` counts rows, once for each share, and `row` is the row. */
export function forEachSlot({ rows, lanes, shares }: Tile, body: string): string {
  return `  for (var slot = lane; slot < ${rows * shares}u; slot += ${lanes}u) {
    let row = slot${shares > 1 ? ` % ${rows}u` : ''};
${body}
  }`;
}

/** Start and step with which a slot goes through its part of a row. */
export function slotShare({ rows, shares }: Tile): { readonly start: string; readonly step: string } {
  return shares > 1 ? { start: `slot / ${rows}u`, step: `${shares}u` } : { start: '0u', step: '1u' };
}

/** What the shares of a row found, put together. */
export function ofShares({ rows, shares }: Tile, array: string, row: string, join: 'sum' | 'max'): string {
  const parts = Array.from({ length: shares }, (_, share) =>
    share === 0 ? `${array}[${row}]` : `${array}[${row} + ${share * rows}u]`,
  );
  return join === 'max' ? parts.reduce((all, part) => `max(${all}, ${part})`) : `(${parts.join(' + ')})`;
}

/** Statements between barriers, for all columns at once or block by block. */
export function throughColumns(
  tile: Tile,
  { from, to }: Columns,
  stages: (columns: Columns) => readonly string[],
): string {
  const barrier = '\n  workgroupBarrier();\n';
  if (tile.block === null) return stages({ from, to }).join(barrier);
  return `  for (var start = ${from}; start < ${to}; start += ${tile.block}u) {
  let stop = min(${to}, start + ${tile.block}u);
${stages({ from: 'start', to: 'stop' }).join(barrier)}${barrier}  }`;
}

/** Place of a tile's element vector: its row, and a column of which the tile may hold those of the block alone. */
export function tilePlace(tile: Tile, row: string, column: string): string {
  return `(${row}) * ${tile.stride}u + (${tile.block === null ? column : `(${column} - start)`} >> 2u)`;
}

/** A matrix with one head's vector per token: its array, and the address of that vector given the token. */
export interface HeadMatrix {
  readonly array: string;
  readonly at: (token: string) => string;
}

export function headMatrices({
  stride,
  query,
  key,
  queryGradient,
  keyGradient,
}: AttentionProblem): Readonly<
  Record<'query' | 'key' | 'value' | 'dy' | 'y' | 'queryGradient' | 'keyGradient' | 'valueGradient', HeadMatrix>
> {
  const matrix = ({ array, base, offset, step }: HeadSource, further = 0): HeadMatrix => ({
    array,
    at: (token) => `${base} + ${offset + further}u + (${token}) * ${step}u`,
  });
  const output = (array: string): HeadMatrix => ({ array, at: (token) => `y_at + (${token}) * ${stride}u` });
  return {
    query: matrix(query),
    key: matrix(key),
    value: matrix(key, stride),
    dy: output('dy'),
    y: output('y'),
    queryGradient: matrix(queryGradient),
    keyGradient: matrix(keyGradient),
    valueGradient: matrix(keyGradient, stride),
  };
}

/**
 * Statements that declare `<name><sum>`: products of the left matrix's rows `tile_start` + row with the right one's rows `column`…`column + 3`.
 * Tokens past the end repeat the last one.
 */
export function headProducts(
  problem: AttentionProblem,
  tile: Tile,
  worker: Worker,
  name: string,
  left: HeadMatrix,
  right: HeadMatrix,
): string[] {
  const token = (index: string, tokens: number): string => `min(${index}, ${tokens - 1}u)`;
  const columns = [0, 1, 2, 3];
  return [
    ...worker.loads.map(
      (f) => `let ${name}_left${f} = ${left.at(token(`tile_start + ${worker.loadedRow(f)}`, tile.rowTokens))};`,
    ),
    ...columns.map((j) => `let ${name}_right${j} = ${right.at(token(`column + ${j}u`, tile.columnTokens))};`),
    ...worker.sums.map((sum) => `var ${name}${sum.name} = vec4<f32>();`),
    `for (var d = 0u; d < ${problem.chunks}u; d++) {`,
    ...columns.map((j) => `  let b${j} = ${right.array}[${name}_right${j} + d];`),
    ...worker.loads
      .flatMap((f) => [`let a${f} = ${left.array}[${name}_left${f} + d];`, ...worker.spread(f)])
      .map((line) => `  ${line}`),
    ...worker.sums.map(
      (sum) => `  ${name}${sum.name} += vec4<f32>(${columns.map((j) => `dot(${sum.left}, b${j})`).join(', ')});`,
    ),
    '}',
  ];
}

/**
 * Statements that declare `<name><sum>`: products of some columns of the tile held in workgroup memory (`array`) with the matrix's rows, for the
 * lane's four elements of the head from `column` on.
 */
export function tileProducts(
  problem: AttentionProblem,
  tile: Tile,
  worker: Worker,
  { name, array, matrix, columns: { from, to } }: { name: string; array: string; matrix: HeadMatrix; columns: Columns },
): string[] {
  // Columns of the tile past the last token hold zeros, so any row of the matrix will do for them.
  const element = `min(column >> 2u, ${problem.chunks - 1}u)`;
  return [
    ...worker.sums.map((sum) => `var ${name}${sum.name} = vec4<f32>();`),
    `for (var k = ${from}; k < ${to}; k += 4u) {`,
    ...[0, 1, 2, 3].map(
      (j) => `  let b${j} = ${matrix.array}[${matrix.at(`min(k + ${j}u, ${tile.columnTokens - 1}u)`)} + ${element}];`,
    ),
    ...worker.loads
      .flatMap((f) => [`let a${f} = ${array}[${tilePlace(tile, worker.loadedRow(f), 'k')}];`, ...worker.spread(f)])
      .map((line) => `  ${line}`),
    ...worker.sums.map(
      ({ name: sum, left }) => `  ${name}${sum} += ${left}.x * b0 + ${left}.y * b1 + ${left}.z * b2 + ${left}.w * b3;`,
    ),
    '}',
  ];
}

/** Sums of an output that are kept in workgroup memory from block to block. */
export function blockSums(tile: Tile, array: string, row: string): string {
  return `${array}[(${row}) * ${tile.sumStride}u + (column >> 2u)]`;
}

/**
 * Statements that add `<name><sum>` to what earlier blocks gave.
 * @param shrink factor of what earlier blocks gave, by row
 */
export function addToSums(
  problem: AttentionProblem,
  tile: Tile,
  worker: Worker,
  { name, sums, shrink }: { name: string; sums: string; shrink?: (row: string) => string },
): string[] {
  return [
    `if (column < ${problem.headSize}u) {`,
    ...worker.sums.map((sum) => {
      const place = blockSums(tile, sums, sum.row);
      const before = shrink === undefined ? place : `${place} * ${shrink(sum.row)}`;
      return `  ${place} = ${before} + ${name}${sum.name};`;
    }),
    '}',
  ];
}

/** Statements that store a value for each sum as the lane's four elements of each row's head vector. */
export function storeRows(
  problem: AttentionProblem,
  tile: Tile,
  worker: Worker,
  { array, at }: HeadMatrix,
  value: (sum: Worker['sums'][number]) => string,
): string[] {
  return [
    `if (column < ${problem.headSize}u) {`,
    ...worker.sums.map((sum) => {
      const token = `tile_start + ${sum.row}`;
      return `  if (${token} < ${tile.rowTokens}u) { ${array}[${at(token)} + (column >> 2u)] = ${value(sum)}; }`;
    }),
    '}',
  ];
}
