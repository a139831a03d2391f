import { attentionFlops, type AttentionProblem } from './problem';
import { keepFour, queryLimit, tileKernel } from './tile';
import { queryTile, tileOf, type Tile, type TileVariant } from './tile-size';
import {
  addToSums,
  blockSums,
  forEachSlot,
  forEachSpan,
  headMatrices,
  headProducts,
  ofShares,
  slotShare,
  storeRows,
  throughColumns,
  tilePlace,
  tileProducts,
  workerOf,
  type Columns,
} from './tiling';
import type { Kernel } from '../../kernels/kernel';
import { f32 } from '../../kernels/wgsl';

/** The forward kernel by tiles, or null where heads do not allow tiles. */
export function attentionForwardTile(
  problem: AttentionProblem,
  variant: TileVariant,
  saveLogSumExp: boolean,
): Kernel | null {
  const { batch, tokens, heads, headSize, causal } = problem;
  const tile = tileOf(problem, variant, queryTile);
  if (tile === null) return null;
  const worker = workerOf(tile);
  const { query, key, value, y } = headMatrices(problem);
  const scores = worker.sums.map(({ name, row }) => {
    const inside = causal
      ? `columns < vec4<u32>(min(limit, ${problem.shift}tile_start + (${row}) + 1u))`
      : 'columns < vec4<u32>(limit)';
    return `weights[${tilePlace(tile, row, 'column')}] = select(vec4<f32>(-1e30), s${name} * ${f32(headSize ** -0.5)}, ${inside});`;
  });
  const head: Columns = { from: '0u', to: `${headSize}u` };
  const store = (product: (row: string, name: string) => string): string[] =>
    storeRows(problem, tile, worker, y, ({ row, name }) => {
      return `${product(row, name)} * (1.0 / ${ofShares(tile, 'totals', row, 'sum')})`;
    });
  const stages = (columns: Columns): string[] => [
    forEachSpan(tile, columns, [
      ...headProducts(problem, tile, worker, 's', query, key),
      'let columns = column + vec4<u32>(0u, 1u, 2u, 3u);',
      ...scores,
    ]),
    ...softmaxStages(problem, tile, columns),
    forEachSpan(tile, head, [
      ...tileProducts(problem, tile, worker, { name: 'o', array: 'weights', matrix: value, columns }),
      ...(tile.block === null
        ? store((_, name) => `o${name}`)
        : addToSums(problem, tile, worker, { name: 'o', sums: 'sums', shrink: (row) => `shrinks[${row}]` })),
    ]),
  ];
  const logSumExp = `  for (var row = lane; row < ${tile.rows}u; row += ${tile.lanes}u) {
    if (tile_start + row < ${tokens}u) {
      log_sum_exp[sequence * ${tokens}u + tile_start + row] = peaks[row] + log(${ofShares(tile, 'totals', 'row', 'sum')});
    }
  }`;
  const { rows, block, shares } = tile;
  const numbers = (name: string, count: number): string => `var<workgroup> ${name}: array<f32, ${count}>;`;
  return tileKernel(
    problem,
    tile,
    {
      label: `attentionForward${saveLogSumExp ? ' lse' : ''}`,
      bindings: [
        ...problem.inputBindings,
        ...problem.optionalBindings,
        ['y', 'read_write', problem.yType],
        ...(saveLogSumExp ? [['log_sum_exp', 'read_write', problem.rowType] as const] : []),
      ],
      flops: attentionFlops(problem, 2),
      bytes: 16 * batch * tokens * heads * headSize,
    },
    [
      `var<workgroup> weights: array<vec4<f32>, ${rows * tile.stride}>;`,
      ...(block === null ? [] : [`var<workgroup> sums: array<vec4<f32>, ${rows * tile.sumStride}>;`]),
      numbers('peaks', rows * shares),
      numbers('totals', rows * shares),
      ...(shares > 1 ? [numbers('partial_peaks', rows * shares)] : []),
      ...(block === null ? [] : [numbers('shrinks', rows)]),
    ],
    [
      `  let limit = ${queryLimit(problem, tile)};`,
      throughColumns(tile, { from: '0u', to: 'limit' }, stages),
      ...(block === null
        ? []
        : [
            forEachSpan(
              tile,
              head,
              store((row) => blockSums(tile, 'sums', row)),
            ),
          ]),
      ...(saveLogSumExp ? [logSumExp] : []),
    ],
  );
}

/**
 * Softmax of the tile's rows in place, less the denominators, which add up in `totals`. With blocks, `shrinks` says by how much earlier blocks
 * have to be taken back, since a larger score has turned up (Milakov and Gimelshein 2018, arXiv 1805.02867).
 */
function softmaxStages(problem: AttentionProblem, tile: Tile, { from, to }: Columns): string[] {
  const { rows, block, stride, shares } = tile;
  const { start, step } = slotShare(tile);
  const vectors = `    let at = row * ${stride}u;
    let length = (${block === null ? to : `${to} - ${from}`} + 3u) >> 2u;`;
  const loop = `for (var c = ${start}; c < length; c += ${step})`;
  const largest = `    var largest = vec4<f32>(-1e30);
    ${loop} { largest = max(largest, weights[at + c]); }`;
  const peakOfRow = 'max(max(largest.x, largest.y), max(largest.z, largest.w))';
  const column = block === null ? 'c * 4u' : `${from} + c * 4u`;
  const found = shares > 1 ? ofShares(tile, 'partial_peaks', 'row', 'max') : peakOfRow;
  const exponentials = `${block === null ? '' : '    let before = select(peaks[slot], -1e30, start == 0u);\n'}    let peak = ${block === null ? found : `max(before, ${found})`};
    var sums_of_four = vec4<f32>();
    ${loop} {
      let e = exp(weights[at + c] - peak);
      sums_of_four += e;
      ${problem.dropout > 0 ? `let column = ${column};\n      ` : ''}weights[at + c] = e${problem.dropout > 0 ? ` * ${keepFour('query', '(tile_start + row)')}` : ''};
    }
    let sum = dot(sums_of_four, vec4<f32>(1.0));
    peaks[slot] = peak;`;
  const running = `    let shrink = exp(before - peak);
    totals[slot] = totals[slot] * shrink + sum;
    ${shares > 1 ? `if (slot < ${rows}u) { shrinks[row] = shrink; }` : 'shrinks[row] = shrink;'}`;
  const weigh = `${exponentials}\n${block === null ? '    totals[slot] = sum;' : running}`;
  if (shares === 1) return [forEachSlot(tile, [vectors, largest, weigh].join('\n'))];
  return [
    forEachSlot(tile, [vectors, largest, `    partial_peaks[slot] = ${peakOfRow};`].join('\n')),
    forEachSlot(tile, [vectors, weigh].join('\n')),
  ];
}
