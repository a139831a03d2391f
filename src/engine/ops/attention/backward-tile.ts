import {
  attentionFlops,
  deltaAt,
  firstQueryOf,
  keyBackwardBindings,
  queryBackwardBindings,
  type AttentionProblem,
} from './problem';
import { keepFour, queryLimit, tileKernel } from './tile';
import { keyValueTile, queryTile, tileOf, type Tile, type TileVariant } from './tile-size';
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

/** The gradient of the queries, and the row sums that the other kernel needs, by tiles; null where heads do not allow tiles. */
export function attentionBackwardQueryTile(problem: AttentionProblem, variant: TileVariant): Kernel | null {
  const { batch, tokens, heads, headSize, causal, dropout } = problem;
  const tile = tileOf(problem, variant, queryTile);
  if (tile === null) return null;
  const worker = workerOf(tile);
  const { query, key, value, dy, queryGradient } = headMatrices(problem);
  const scale = f32(headSize ** -0.5);
  const gradients = worker.sums.map(({ name, row }) => {
    const inside = causal
      ? `columns < vec4<u32>(min(limit, ${problem.shift}tile_start + (${row}) + 1u))`
      : 'columns < vec4<u32>(limit)';
    const dp = dropout > 0 ? `p${name} * ${keepFour('query', `(tile_start + (${row}))`)}` : `p${name}`;
    return `{
      let of_row = rows[${row}];
      let ds = exp(s${name} * ${scale} - of_row.y) * (${dp} - of_row.x) * ${scale};
      gradients[${tilePlace(tile, row, 'column')}] = select(vec4<f32>(), ds, ${inside});
    }`;
  });
  const head: Columns = { from: '0u', to: `${headSize}u` };
  const store = (value: (row: string, name: string) => string): string[] =>
    storeRows(problem, tile, worker, queryGradient, ({ row, name }) => value(row, name));
  const stages = (columns: Columns): string[] => [
    forEachSpan(tile, columns, [
      ...headProducts(problem, tile, worker, 's', query, key),
      ...headProducts(problem, tile, worker, 'p', dy, value),
      'let columns = column + vec4<u32>(0u, 1u, 2u, 3u);',
      ...gradients,
    ]),
    forEachSpan(tile, head, [
      ...tileProducts(problem, tile, worker, { name: 'g', array: 'gradients', matrix: key, columns }),
      ...(tile.block === null
        ? store((_, name) => `g${name}`)
        : addToSums(problem, tile, worker, { name: 'g', sums: 'sums' })),
    ]),
  ];
  const { rows, block, shares } = tile;
  return tileKernel(
    problem,
    tile,
    {
      label: 'attentionBackwardQuery',
      bindings: [
        ...problem.inputBindings,
        ['y', 'read', problem.yType],
        ['dy', 'read', problem.yType],
        ...queryBackwardBindings(problem),
      ],
      flops: attentionFlops(problem, 3),
      bytes: 24 * batch * tokens * heads * headSize,
    },
    [
      `var<workgroup> gradients: array<vec4<f32>, ${rows * tile.stride}>;`,
      ...(block === null ? [] : [`var<workgroup> sums: array<vec4<f32>, ${rows * tile.sumStride}>;`]),
      `var<workgroup> rows: array<vec2<f32>, ${rows}>;`,
      ...(shares > 1 ? [`var<workgroup> partial_deltas: array<f32, ${rows * shares}>;`] : []),
    ],
    [
      deltaStages(problem, tile),
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
    ],
  );
}

/** For each row the sum of y · dy, and beside it the log of the softmax's denominator, in `rows`. */
function deltaStages(problem: AttentionProblem, tile: Tile): string {
  const { tokens, chunks } = problem;
  const { y } = headMatrices(problem);
  const { start, step } = slotShare(tile);
  const along = `    let token = min(tile_start + row, ${tokens - 1}u);
    let at = ${y.at('token')};
    var along = vec4<f32>();
    for (var d = ${start}; d < ${chunks}u; d += ${step}) { along += dy[at + d] * y[at + d]; }`;
  const sum = 'dot(along, vec4<f32>(1.0))';
  const finish = (total: string): string => `    let place = sequence * ${tokens}u + token;
    rows[row] = vec2<f32>(${total}, log_sum_exp[place]);
    if (tile_start + row < ${tokens}u) { ${deltaAt(problem, 'place')} = rows[row].x; }`;
  const stages =
    tile.shares === 1
      ? [forEachSlot(tile, `${along}\n${finish(sum)}`)]
      : [
          forEachSlot(tile, `${along}\n    partial_deltas[slot] = ${sum};`),
          `  for (var row = lane; row < ${tile.rows}u; row += ${tile.lanes}u) {
    let token = min(tile_start + row, ${tokens - 1}u);
${finish(ofShares(tile, 'partial_deltas', 'row', 'sum'))}
  }`,
        ];
  return stages.map((stage) => `${stage}\n  workgroupBarrier();`).join('\n');
}

/** The gradients of keys and values by tiles of keys; null where heads do not allow tiles. */
export function attentionBackwardKeyValueTile(problem: AttentionProblem, variant: TileVariant): Kernel | null {
  const { batch, tokens, heads, headSize, causal, dropout } = problem;
  const tile = tileOf(problem, variant, keyValueTile);
  if (tile === null) return null;
  const worker = workerOf(tile);
  const { query, key, value, dy, keyGradient, valueGradient } = headMatrices(problem);
  const scale = f32(headSize ** -0.5);
  const fourOf = (at: (row: string) => string): string =>
    `vec4<f32>(${[0, 1, 2, 3].map((j) => at(`sequence * ${tokens}u + min(column + ${j}u, ${tokens - 1}u)`)).join(', ')})`;
  const stores = worker.sums.map(({ name, row }) => {
    const token = `(tile_start + (${row}))`;
    const conditions = [`(columns < vec4<u32>(${tokens}u))`, `vec4<bool>(${token} < keys)`];
    if (causal) conditions.push(`(${problem.shift}columns >= vec4<u32>(${token}))`);
    const at = `[${tilePlace(tile, row, 'column')}]`;
    return `{
      let probability = select(vec4<f32>(), exp(s${name} * ${scale} - of_columns), ${conditions.join(' & ')});
      ${dropout > 0 ? `let mask = ${keepFour('key', token)};` : ''}
      weights${at} = probability${dropout > 0 ? ' * mask' : ''};
      gradients${at} = probability * (p${name}${dropout > 0 ? ' * mask' : ''} - deltas) * ${scale};
    }`;
  });
  const head: Columns = { from: '0u', to: `${headSize}u` };
  /** Gradient of the values, then of the keys. */
  const outputs = [
    { name: 'v', array: 'weights', matrix: dy, target: valueGradient, sums: 'value_sums' },
    { name: 'g', array: 'gradients', matrix: query, target: keyGradient, sums: 'key_sums' },
  ] as const;
  const stages = (columns: Columns): string[] => [
    forEachSpan(tile, columns, [
      ...headProducts(problem, tile, worker, 's', key, query),
      ...headProducts(problem, tile, worker, 'p', value, dy),
      'let columns = column + vec4<u32>(0u, 1u, 2u, 3u);',
      `let of_columns = ${fourOf((row) => `log_sum_exp[${row}]`)};`,
      `let deltas = ${fourOf((row) => deltaAt(problem, row))};`,
      ...stores,
    ]),
    forEachSpan(
      tile,
      head,
      outputs.flatMap(({ name, array, matrix, target, sums }) => [
        ...tileProducts(problem, tile, worker, { name, array, matrix, columns }),
        ...(tile.block === null
          ? storeRows(problem, tile, worker, target, (sum) => `${name}${sum.name}`)
          : addToSums(problem, tile, worker, { name, sums })),
      ]),
    ),
  ];
  const fromSums = outputs.flatMap(({ target, sums }) =>
    storeRows(problem, tile, worker, target, ({ row }) => blockSums(tile, sums, row)),
  );
  const array = (name: string, stride: number): string =>
    `var<workgroup> ${name}: array<vec4<f32>, ${tile.rows * stride}>;`;
  return tileKernel(
    problem,
    tile,
    {
      label: 'attentionBackwardKeyValue',
      bindings: [...problem.inputBindings, ['dy', 'read', problem.yType], ...keyBackwardBindings(problem)],
      flops: attentionFlops(problem, 4),
      bytes: 24 * batch * tokens * heads * headSize,
    },
    [
      ...outputs.map((output) => array(output.array, tile.stride)),
      ...(tile.block === null ? [] : outputs.map(({ sums }) => array(sums, tile.sumStride))),
    ],
    [
      `  let first = ${causal ? `(${firstQueryOf(problem, 'tile_start')} / ${tile.span}u) * ${tile.span}u` : '0u'};`,
      throughColumns(tile, { from: 'first', to: `${tokens}u` }, stages),
      ...(tile.block === null ? [] : [forEachSpan(tile, head, fromSums)]),
    ],
  );
}
