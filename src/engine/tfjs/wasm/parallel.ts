import type { WasmHeap } from './heap';
import type { KernelCall } from './runner';
import { ranges } from './runner';

/** Work of a thread below which waking it costs more than it saves: multiply-adds of products, elements of anything else. */
const productGrain = 1_000_000;
const elementGrain = 16_384;

const floatBytes = 4;

/** A row-major matrix or part of one: byte address, and the strides of rows and columns in elements. */
export interface Matrix {
  readonly address: number;
  readonly row: number;
  readonly column: number;
}

/** A dense `[rows, columns]` matrix. */
export function matrix(address: number, columns: number): Matrix {
  return { address, row: columns, column: 1 };
}

/** The same data seen the other way round. */
export function transposed({ address, row, column }: Matrix): Matrix {
  return { address, row: column, column: row };
}

/**
 * c = a · b, or c += a · b. Every element is summed in the same order whatever the number of threads.
 *
 * @param row elements between the rows of c; by default c is dense
 */
export function multiply(
  heap: WasmHeap,
  a: Matrix,
  b: Matrix,
  c: number,
  [rows, columns, depth]: readonly [number, number, number],
  accumulate: boolean,
  row = columns,
): void {
  const { kernels, runner } = heap;
  const parts = productParts(heap, rows * columns * depth);
  // Each thread packs the factor that is not cut, so the longer side is.
  const byRows = rows >= columns;
  const slices = byRows ? ranges(rows, parts, 4) : ranges(columns, parts, 8);
  const spaces = heap.scratch(kernels.gemmScratchBytes(rows, columns, depth));
  runner.run(
    slices.map(([from, to], thread): KernelCall => {
      const left = byRows ? a.address + from * a.row * floatBytes : a.address;
      const right = byRows ? b.address : b.address + from * b.column * floatBytes;
      const out = c + from * (byRows ? row : 1) * floatBytes;
      const size = byRows ? [to - from, columns, depth] : [rows, to - from, depth];
      const factors = [left, a.row, a.column, right, b.row, b.column];
      return { kernel: 'gemm', args: [...factors, out, row, ...size, Number(accumulate), spaces[thread] ?? 0] };
    }),
  );
}

/** Threads among which so many multiply-adds are shared. */
export function productParts({ runner }: WasmHeap, multiplyAdds: number): number {
  return Math.max(1, Math.min(runner.threads, Math.floor(multiplyAdds / productGrain)));
}

/** Runs a kernel over ranges of elements. */
export function overElements(
  { runner }: WasmHeap,
  length: number,
  make: (from: number, count: number) => KernelCall,
): void {
  const parts = Math.min(runner.threads, Math.ceil(length / elementGrain));
  runner.run(ranges(length, parts, 4).map(([from, to]) => make(from, to - from)));
}

/** Runs a kernel over ranges of rows. */
export function overRows(
  { runner }: WasmHeap,
  rows: number,
  columns: number,
  make: (from: number, count: number) => KernelCall,
): void {
  const parts = Math.min(runner.threads, Math.ceil((rows * columns) / elementGrain));
  runner.run(ranges(rows, parts, 1).map(([from, to]) => make(from, to - from)));
}

/** Sums of the columns of a dense matrix. Each is summed by one thread, row after row. */
export function columnSums({ runner }: WasmHeap, x: number, out: number, rows: number, columns: number): void {
  const parts = Math.min(runner.threads, Math.ceil((rows * columns) / elementGrain));
  runner.run(
    ranges(columns, parts, 16).map(([from, to]) => {
      const at = from * floatBytes;
      return { kernel: 'columnSums', args: [x + at, columns, out + at, rows, to - from, 0] };
    }),
  );
}
