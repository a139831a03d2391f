import type { Kernel } from '../../kernels/kernel';
import { f32, makeKernel, perThread } from '../../kernels/wgsl';
import { matmul } from './matmul';
import { floatArray, widthOf, type MatmulVariant } from './matmul-problem';

/** Sizes of a low-rank change of a linear layer `[rows, inner]` → `[rows, width]`: `columns` of the result from `column` on. */
export interface AdapterShape {
  readonly rows: number;
  readonly inner: number;
  readonly rank: number;
  readonly columns: number;
  readonly column: number;
  readonly width: number;
}

const sizesOf = ({ rows, inner, rank, columns, column, width }: AdapterShape): string =>
  `${rows}x${inner}x${rank}x${columns}@${column}/${width}`;

/**
 * `down = scale · x · aᵀ`, `[rows, rank]`.
 *
 * Bindings: x, a, down.
 */
export function adapterDown(shape: AdapterShape, scale: number, variant: MatmulVariant): Kernel {
  const { rows, inner, rank } = shape;
  return scaledProduct(
    `adapterDown ${sizesOf(shape)}`,
    { rows, inner, columns: rank, b: 'inner', scale },
    'down',
    variant,
  );
}

/**
 * Gradient of `down` before its scale: `scale · dz · b`, with dz `[rows, columns]` that of the columns that the adapter changes.
 *
 * Bindings: dz, b, dDown.
 */
export function adapterBackDown(shape: AdapterShape, scale: number, variant: MatmulVariant): Kernel {
  const { rows, columns, rank } = shape;
  const product = { rows, inner: columns, columns: rank, b: 'outer', scale } as const;
  return scaledProduct(`adapterBackDown ${sizesOf(shape)}`, product, 'd_down', variant);
}

function scaledProduct(
  label: string,
  { rows, inner, columns, b, scale }: Record<'rows' | 'inner' | 'columns' | 'scale', number> & { b: 'inner' | 'outer' },
  result: string,
  variant: MatmulVariant,
): Kernel {
  return matmul(
    {
      label: `${label} scale${scale}`,
      rows,
      columns,
      inner,
      a: 'inner',
      b,
      bindings: [
        ['a', 'read', floatArray(rows * inner, widthOf(inner))],
        ['b', 'read', floatArray(columns * inner, widthOf(b === 'inner' ? inner : columns))],
        [result, 'read_write', floatArray(rows * columns, widthOf(columns))],
      ],
      helpers: '',
      store: (value, index) => `${result}[${index}] = ${f32(scale)} * (${value});`,
      sums: null,
      addSums: false,
      bytes: 4 * (rows * inner + columns * inner + rows * columns),
    },
    variant,
  );
}

/**
 * Adds `down · bᵀ` to the columns of z `[rows, width]` that the adapter changes.
 *
 * Bindings: down, b, z.
 */
export function adapterUp(shape: AdapterShape, variant: MatmulVariant): Kernel {
  const { rows, rank, columns, column, width } = shape;
  const lanes = widthOf(columns);
  const aligned = lanes === 4 && column % 4 === 0 && width % 4 === 0;
  const step = aligned ? 4 : 1;
  return matmul(
    {
      label: `adapterUp ${sizesOf(shape)}`,
      rows,
      columns,
      inner: rank,
      a: 'inner',
      b: 'inner',
      bindings: [
        ['a', 'read', floatArray(rows * rank, widthOf(rank))],
        ['b', 'read', floatArray(columns * rank, widthOf(rank))],
        ['z', 'read_write', floatArray(rows * width, step)],
      ],
      helpers: '',
      store: (value, index, group) => {
        const row = `(${index}) / ${columns / lanes}u`;
        const first = `let change = ${value}; let at = ${row} * ${width / step}u + ${column / step}u + ${group}${aligned ? '' : ` * ${lanes}u`};`;
        if (aligned || lanes === 1) return `${first} z[at] += change;`;
        return [first, ...['x', 'y', 'z', 'w'].map((part, i) => `z[at + ${i}u] += change.${part};`)].join(' ');
      },
      sums: null,
      addSums: false,
      bytes: 4 * (rows * rank + columns * rank + 2 * rows * columns),
    },
    variant,
  );
}

/**
 * Takes the columns that an adapter changes out of dz `[rows, width]`.
 *
 * Bindings: dz, part `[rows, columns]`.
 */
export function adapterColumns({ rows, columns, column, width }: Omit<AdapterShape, 'inner' | 'rank'>): Kernel {
  const step = columns % 4 === 0 && column % 4 === 0 && width % 4 === 0 ? 4 : 1;
  const length = columns / step;
  const { main, workgroups } = perThread(
    rows * length,
    64,
    `  part[index] = dz[(index / ${length}u) * ${width / step}u + ${column / step}u + index % ${length}u];`,
  );
  return makeKernel({
    label: `adapterColumns ${rows}x${columns}@${column}/${width}`,
    bindings: [
      ['dz', 'read', floatArray(rows * width, step)],
      ['part', 'read_write', floatArray(rows * columns, step)],
    ],
    body: main,
    workgroups,
    flops: 0,
    bytes: 8 * rows * columns,
  });
}
