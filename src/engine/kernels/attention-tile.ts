import { attentionFlops, type AttentionProblem, type AttentionVariant } from './attention-problem';
import type { Kernel } from './kernel';
import { f32, makeKernel } from './wgsl';

/*
 * Attention by tiles. A workgroup owns a tile of rows (queries, or keys for the gradient of keys and values) of one head of one sequence and
 * goes through three stages: products of its rows with all columns (keys, or queries) into workgroup memory; what happens row by row there;
 * products of that with the columns' vectors into the output. Two or three barriers in all. Nothing of size queries × keys leaves the workgroup.
 *
 * A worker is a lane or a quad of four. In a quad, lane l loads row 4 f + l of a tile for every f, and swaps give each lane all rows while it
 * keeps columns 4 l … 4 l + 3 of every 16; see `quadTileMatmul`. One workgroup is then one quad, which keeps the control flow
 * uniform, as swaps demand.
 */

type TileVariant = Extract<AttentionVariant, { kind: 'tile' }>;

/** Bytes of workgroup memory that every device has. */
const workgroupBytes = 16_384;
const rowsPerLane = 4;
const mostRows = { quad: 24, lane: 16 } as const;

/** Tile sizes of a kernel. */
interface Tile {
  readonly variant: TileVariant;
  /** Rows of a tile. */
  readonly rows: number;
  /** Vectors between the rows of a tile in workgroup memory; one more than needed, so that rows start in different banks. */
  readonly stride: number;
  readonly lanes: number;
  /** Columns that a worker computes at once. */
  readonly span: 4 | 16;
}

/** Null if tiles of `arrays` matrices do not fit in workgroup memory, or heads have no whole vectors. */
function tileOf(problem: AttentionProblem, variant: TileVariant, arrays: number): Tile | null {
  if (problem.width !== 4) return null;
  const span = variant.worker === 'quad' ? 16 : 4;
  const stride = (Math.ceil(problem.tokens / span) * span) / 4 + 1;
  const rowBytes = arrays * stride * 16 + 8;
  let best: number | null = null;
  let leastWork = Infinity;
  for (let rows = 4; rows <= mostRows[variant.worker] && rows * rowBytes <= workgroupBytes; rows += 4) {
    // Rows computed in vain past the end, and columns loaded anew for each tile (worth about four rows), are what a tile size costs.
    const work = Math.ceil(problem.tokens / rows) * (rows + 4);
    if (work <= leastWork) {
      leastWork = work;
      best = rows;
    }
  }
  return best === null
    ? null
    : { variant, rows: best, stride, span, lanes: variant.worker === 'quad' ? 4 : variant.lanes };
}

/** What a worker's lane loads of the left operand and sums, with rows as WGSL expressions relative to the tile. */
interface Worker {
  /** Vectors of the left operand that a lane loads per step, as `a<f>`. */
  readonly loads: readonly number[];
  readonly loadedRow: (load: number) => string;
  /** Passes `a<f>` to the other lanes. */
  readonly spread: (load: number) => readonly string[];
  /** Sums of a lane: the row they belong to, and the variable that holds this row's vector of the left operand. */
  readonly sums: readonly { readonly name: string; readonly row: string; readonly left: string }[];
}

function workerOf(tile: Tile): Worker {
  if (tile.variant.worker === 'lane') {
    const loads = Array.from({ length: rowsPerLane }, (_, f) => f);
    return {
      loads,
      loadedRow: (f) => `first_row + ${f}u`,
      sums: loads.map((f) => ({ name: `${f}`, row: `first_row + ${f}u`, left: `a${f}` })),
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

/**
 * Loop over the worker's share of a tile's columns `from`…`to` (WGSL expressions, `from` a multiple of the span). In the body, `column` is the
 * first of the lane's four columns.
 */
function forEachSpan(tile: Tile, from: string, to: string, body: readonly string[]): string {
  const inner = body.map((line) => `    ${line}`).join('\n');
  if (tile.variant.worker === 'quad') {
    return `  for (var span = ${from}; span < ${to}; span += 16u) {
    let column = span + 4u * lane;
${inner}
  }`;
  }
  const groups = tile.rows / rowsPerLane;
  return `  for (var work = lane; work < ((${to} - ${from} + 3u) >> 2u) * ${groups}u; work += ${tile.lanes}u) {
    let first_row = (work % ${groups}u) * ${rowsPerLane}u;
    let column = ${from} + (work / ${groups}u) * 4u;
${inner}
  }`;
}

/** A matrix with one head's vector per token: its array, and the address of that vector given the token. */
interface HeadMatrix {
  readonly array: string;
  readonly at: (token: string) => string;
}

function headMatrices({
  stride,
}: AttentionProblem): Readonly<Record<'query' | 'key' | 'value' | 'dy' | 'y', HeadMatrix>> {
  const third = (index: number): HeadMatrix => ({
    array: 'qkv',
    at: (token) => `qkv_at + ${index * stride}u + (${token}) * ${3 * stride}u`,
  });
  const output = (array: string): HeadMatrix => ({ array, at: (token) => `y_at + (${token}) * ${stride}u` });
  return { query: third(0), key: third(1), value: third(2), dy: output('dy'), y: output('y') };
}

/**
 * Statements that declare `<name><sum>`: products of the left matrix's rows `tile_start` + row with the right one's rows `column`…`column + 3`.
 * Tokens past the end repeat the last one.
 */
function headProducts(
  problem: AttentionProblem,
  worker: Worker,
  name: string,
  left: HeadMatrix,
  right: HeadMatrix,
): string[] {
  const token = (index: string): string => `min(${index}, ${problem.tokens - 1}u)`;
  const columns = [0, 1, 2, 3];
  return [
    ...worker.loads.map((f) => `let ${name}_left${f} = ${left.at(token(`tile_start + ${worker.loadedRow(f)}`))};`),
    ...columns.map((j) => `let ${name}_right${j} = ${right.at(token(`column + ${j}u`))};`),
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
 * Statements that declare `<name><sum>`: products of the tile held in workgroup memory (`array`, columns `from`…`to`) with the matrix's rows,
 * for the lane's four elements of the head from `column` on.
 */
function tileProducts(
  problem: AttentionProblem,
  tile: Tile,
  worker: Worker,
  { name, array, matrix, from, to }: { name: string; array: string; matrix: HeadMatrix; from: string; to: string },
): string[] {
  // Columns of the tile past the last token hold zeros, so any row of the matrix will do for them.
  const element = `min(column >> 2u, ${problem.chunks - 1}u)`;
  return [
    ...worker.sums.map((sum) => `var ${name}${sum.name} = vec4<f32>();`),
    `for (var k = ${from}; k < ${to}; k += 4u) {`,
    ...[0, 1, 2, 3].map(
      (j) => `  let b${j} = ${matrix.array}[${matrix.at(`min(k + ${j}u, ${problem.tokens - 1}u)`)} + ${element}];`,
    ),
    ...worker.loads
      .flatMap((f) => [
        `let a${f} = ${array}[(${worker.loadedRow(f)}) * ${tile.stride}u + (k >> 2u)];`,
        ...worker.spread(f),
      ])
      .map((line) => `  ${line}`),
    ...worker.sums.map(
      ({ name: sum, left }) => `  ${name}${sum} += ${left}.x * b0 + ${left}.y * b1 + ${left}.z * b2 + ${left}.w * b3;`,
    ),
    '}',
  ];
}

/** Statements that store `<name><sum>` as the lane's four elements of each row's head vector. */
function storeRows(
  problem: AttentionProblem,
  worker: Worker,
  {
    name,
    array,
    matrix,
    factor,
  }: { name: string; array: string; matrix: HeadMatrix; factor?: (row: string) => string },
): string[] {
  return [
    `if (column < ${problem.headSize}u) {`,
    ...worker.sums.flatMap((sum) => {
      const value = `${name}${sum.name}${factor === undefined ? '' : ` * ${factor(sum.row)}`}`;
      const token = `tile_start + ${sum.row}`;
      return `  if (${token} < ${problem.tokens}u) { ${array}[${matrix.at(token)} + (column >> 2u)] = ${value}; }`;
    }),
    '}',
  ];
}

/** `keep` for four neighbouring keys of one query, or for four neighbouring queries of one key. */
function keepFour(fixed: 'query' | 'key', token: string): string {
  const calls = [0, 1, 2, 3].map((j) => {
    const moving = `column + ${j}u`;
    return fixed === 'query' ? `keep(sequence, ${token}, ${moving})` : `keep(sequence, ${moving}, ${token})`;
  });
  return `vec4<f32>(${calls.join(', ')})`;
}

function entryPoint(
  problem: AttentionProblem,
  tile: Tile,
  declarations: readonly string[],
  stages: readonly string[],
): string {
  const { heads, tokens, chunks, stride } = problem;
  return `${problem.dropoutFunction}${declarations.join('\n')}

@compute @workgroup_size(${tile.lanes})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let sequence = group.y;
  let batch = sequence / ${heads}u;
  let qkv_at = batch * ${tokens * 3 * stride}u + (sequence % ${heads}u) * ${chunks}u;
  let y_at = batch * ${tokens * stride}u + (sequence % ${heads}u) * ${chunks}u;
  let tile_start = group.x * ${tile.rows}u;
  let keys = ${problem.keys};
${stages.join('\n  workgroupBarrier();\n')}
}`;
}

function workgroupsOf({ batch, heads, tokens }: AttentionProblem, tile: Tile): Kernel['workgroups'] {
  return [Math.ceil(tokens / tile.rows), batch * heads, 1];
}

function enableOf(tile: Tile): readonly string[] {
  return tile.variant.worker === 'quad' ? ['subgroups'] : [];
}

function labelOf(name: string, problem: AttentionProblem, tile: Tile): string {
  return `${name} ${problem.label} tile ${tile.variant.worker} ${tile.rows}/${tile.lanes}`;
}

/** The forward kernel by tiles, or null where they do not fit. */
export function attentionForwardTile(
  problem: AttentionProblem,
  variant: TileVariant,
  saveLogSumExp: boolean,
): Kernel | null {
  const { batch, tokens, heads, headSize, causal, dropout } = problem;
  const tile = tileOf(problem, variant, 1);
  if (tile === null) return null;
  const worker = workerOf(tile);
  const { query, key, value, y } = headMatrices(problem);
  const limit = causal ? `min(keys, tile_start + ${tile.rows}u)` : 'keys';
  const scores = worker.sums.map(({ name, row }) => {
    const inside = causal
      ? `columns < vec4<u32>(min(limit, tile_start + (${row}) + 1u))`
      : 'columns < vec4<u32>(limit)';
    return `weights[(${row}) * ${tile.stride}u + (column >> 2u)] = select(vec4<f32>(-1e30), s${name} * ${f32(headSize ** -0.5)}, ${inside});`;
  });
  const softmax = `  for (var row = lane; row < ${tile.rows}u; row += ${tile.lanes}u) {
    let at = row * ${tile.stride}u;
    let length = (limit + 3u) >> 2u;
    var peaks = vec4<f32>(-1e30);
    for (var c = 0u; c < length; c++) { peaks = max(peaks, weights[at + c]); }
    let peak = max(max(peaks.x, peaks.y), max(peaks.z, peaks.w));
    var totals = vec4<f32>();
    for (var c = 0u; c < length; c++) {
      let e = exp(weights[at + c] - peak);
      totals += e;
      ${dropout > 0 ? 'let column = c * 4u;' : ''}
      weights[at + c] = e${dropout > 0 ? ` * ${keepFour('query', '(tile_start + row)')}` : ''};
    }
    let total = dot(totals, vec4<f32>(1.0));
    factors[row] = 1.0 / total;
    ${saveLogSumExp ? `if (tile_start + row < ${tokens}u) { log_sum_exp[sequence * ${tokens}u + tile_start + row] = peak + log(total); }` : ''}
  }`;
  return makeKernel(
    {
      label: `${labelOf('attentionForward', problem, tile)}${saveLogSumExp ? ' lse' : ''}`,
      bindings: [
        ['qkv', 'read', problem.qkvType],
        ...problem.optionalBindings,
        ['y', 'read_write', problem.yType],
        ...(saveLogSumExp ? [['log_sum_exp', 'read_write', problem.rowType] as const] : []),
      ],
      body: entryPoint(
        problem,
        tile,
        [
          `var<workgroup> weights: array<vec4<f32>, ${tile.rows * tile.stride}>;`,
          `var<workgroup> factors: array<f32, ${tile.rows}>;`,
        ],
        [
          `  let limit = ${limit};
${forEachSpan(tile, '0u', 'limit', [
  ...headProducts(problem, worker, 's', query, key),
  'let columns = column + vec4<u32>(0u, 1u, 2u, 3u);',
  ...scores,
])}`,
          softmax,
          forEachSpan(tile, '0u', `${headSize}u`, [
            ...tileProducts(problem, tile, worker, {
              name: 'o',
              array: 'weights',
              matrix: value,
              from: '0u',
              to: 'limit',
            }),
            ...storeRows(problem, worker, { name: 'o', array: 'y', matrix: y, factor: (row) => `factors[${row}]` }),
          ]),
        ],
      ),
      workgroups: workgroupsOf(problem, tile),
      flops: attentionFlops(problem, 2),
      bytes: 16 * batch * tokens * heads * headSize,
    },
    enableOf(tile),
  );
}

/** The gradient of the queries, and the row sums that the other kernel needs, by tiles; null where they do not fit. */
export function attentionBackwardQueryTile(problem: AttentionProblem, variant: TileVariant): Kernel | null {
  const { batch, tokens, heads, headSize, causal, dropout, chunks } = problem;
  const tile = tileOf(problem, variant, 1);
  if (tile === null) return null;
  const worker = workerOf(tile);
  const { query, key, value, y, dy } = headMatrices(problem);
  const limit = causal ? `min(keys, tile_start + ${tile.rows}u)` : 'keys';
  const scale = f32(headSize ** -0.5);
  const deltas = `  for (var row = lane; row < ${tile.rows}u; row += ${tile.lanes}u) {
    let token = min(tile_start + row, ${tokens - 1}u);
    let at = ${y.at('token')};
    var along = vec4<f32>();
    for (var d = 0u; d < ${chunks}u; d++) { along += dy[at + d] * y[at + d]; }
    let place = sequence * ${tokens}u + token;
    rows[row] = vec2<f32>(dot(along, vec4<f32>(1.0)), log_sum_exp[place]);
    if (tile_start + row < ${tokens}u) { delta[place] = rows[row].x; }
  }`;
  const gradients = worker.sums.map(({ name, row }) => {
    const inside = causal
      ? `columns < vec4<u32>(min(limit, tile_start + (${row}) + 1u))`
      : 'columns < vec4<u32>(limit)';
    const dp = dropout > 0 ? `p${name} * ${keepFour('query', `(tile_start + (${row}))`)}` : `p${name}`;
    return `{
      let of_row = rows[${row}];
      let ds = exp(s${name} * ${scale} - of_row.y) * (${dp} - of_row.x) * ${scale};
      gradients[(${row}) * ${tile.stride}u + (column >> 2u)] = select(vec4<f32>(), ds, ${inside});
    }`;
  });
  return makeKernel(
    {
      label: labelOf('attentionBackwardQuery', problem, tile),
      bindings: [
        ['qkv', 'read', problem.qkvType],
        ['y', 'read', problem.yType],
        ['dy', 'read', problem.yType],
        ['log_sum_exp', 'read', problem.rowType],
        ...problem.optionalBindings,
        ['d_qkv', 'read_write', problem.qkvType],
        ['delta', 'read_write', problem.rowType],
      ],
      body: entryPoint(
        problem,
        tile,
        [
          `var<workgroup> gradients: array<vec4<f32>, ${tile.rows * tile.stride}>;`,
          `var<workgroup> rows: array<vec2<f32>, ${tile.rows}>;`,
        ],
        [
          deltas,
          `  let limit = ${limit};
${forEachSpan(tile, '0u', 'limit', [
  ...headProducts(problem, worker, 's', query, key),
  ...headProducts(problem, worker, 'p', dy, value),
  'let columns = column + vec4<u32>(0u, 1u, 2u, 3u);',
  ...gradients,
])}`,
          forEachSpan(tile, '0u', `${headSize}u`, [
            ...tileProducts(problem, tile, worker, {
              name: 'g',
              array: 'gradients',
              matrix: key,
              from: '0u',
              to: 'limit',
            }),
            ...storeRows(problem, worker, { name: 'g', array: 'd_qkv', matrix: query }),
          ]),
        ],
      ),
      workgroups: workgroupsOf(problem, tile),
      flops: attentionFlops(problem, 3),
      bytes: 24 * batch * tokens * heads * headSize,
    },
    enableOf(tile),
  );
}

/** The gradients of keys and values by tiles of keys; null where they do not fit. */
export function attentionBackwardKeyValueTile(problem: AttentionProblem, variant: TileVariant): Kernel | null {
  const { batch, tokens, heads, headSize, causal, dropout } = problem;
  const tile = tileOf(problem, variant, 2);
  if (tile === null) return null;
  const worker = workerOf(tile);
  const { query, key, value, dy } = headMatrices(problem);
  const scale = f32(headSize ** -0.5);
  const fromFirst = causal ? `(tile_start / ${tile.span}u) * ${tile.span}u` : '0u';
  const fourOf = (array: string): string =>
    `vec4<f32>(${[0, 1, 2, 3].map((j) => `${array}[sequence * ${tokens}u + min(column + ${j}u, ${tokens - 1}u)]`).join(', ')})`;
  const stores = worker.sums.map(({ name, row }) => {
    const token = `(tile_start + (${row}))`;
    const conditions = [`(columns < vec4<u32>(${tokens}u))`, `vec4<bool>(${token} < keys)`];
    if (causal) conditions.push(`(columns >= vec4<u32>(${token}))`);
    const at = `[(${row}) * ${tile.stride}u + (column >> 2u)]`;
    return `{
      let probability = select(vec4<f32>(), exp(s${name} * ${scale} - of_columns), ${conditions.join(' & ')});
      ${dropout > 0 ? `let mask = ${keepFour('key', token)};` : ''}
      weights${at} = probability${dropout > 0 ? ' * mask' : ''};
      gradients${at} = probability * (p${name}${dropout > 0 ? ' * mask' : ''} - deltas) * ${scale};
    }`;
  });
  const size = tile.rows * tile.stride;
  return makeKernel(
    {
      label: labelOf('attentionBackwardKeyValue', problem, tile),
      bindings: [
        ['qkv', 'read', problem.qkvType],
        ['dy', 'read', problem.yType],
        ['log_sum_exp', 'read', problem.rowType],
        ['delta', 'read', problem.rowType],
        ...problem.optionalBindings,
        ['d_qkv', 'read_write', problem.qkvType],
      ],
      body: entryPoint(
        problem,
        tile,
        [`var<workgroup> weights: array<vec4<f32>, ${size}>;`, `var<workgroup> gradients: array<vec4<f32>, ${size}>;`],
        [
          `  let first = ${fromFirst};
${forEachSpan(tile, 'first', `${tokens}u`, [
  ...headProducts(problem, worker, 's', key, query),
  ...headProducts(problem, worker, 'p', value, dy),
  'let columns = column + vec4<u32>(0u, 1u, 2u, 3u);',
  `let of_columns = ${fourOf('log_sum_exp')};`,
  `let deltas = ${fourOf('delta')};`,
  ...stores,
])}`,
          forEachSpan(tile, '0u', `${headSize}u`, [
            ...tileProducts(problem, tile, worker, {
              name: 'v',
              array: 'weights',
              matrix: dy,
              from: 'first',
              to: `${tokens}u`,
            }),
            ...storeRows(problem, worker, { name: 'v', array: 'd_qkv', matrix: value }),
            ...tileProducts(problem, tile, worker, {
              name: 'g',
              array: 'gradients',
              matrix: query,
              from: 'first',
              to: `${tokens}u`,
            }),
            ...storeRows(problem, worker, { name: 'g', array: 'd_qkv', matrix: key }),
          ]),
        ],
      ),
      workgroups: workgroupsOf(problem, tile),
      flops: attentionFlops(problem, 4),
      bytes: 24 * batch * tokens * heads * headSize,
    },
    enableOf(tile),
  );
}
