import { describe, expect, test } from 'vitest';
import { compileKernels, instantiateKernels } from './kernels';

const memory = new WebAssembly.Memory({ initial: 64 });
const kernels = await instantiateKernels(await compileKernels(false), memory);
const floats = new Float32Array(memory.buffer);

/** Addresses apart from each other, so that a write out of bounds is seen. */
const [A, B, C, SCRATCH] = [1 << 10, 1 << 19, 1 << 20, 3 << 19];

function fill(address: number, values: Float32Array): void {
  floats.set(values, address / 4);
}

function random(length: number, seed: number): Float32Array {
  let state = seed;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

describe('matrix product', () => {
  const sizes = [
    [1, 1, 1],
    [4, 8, 8],
    [5, 7, 3],
    [3, 300, 9],
    [97, 257, 17],
    [100, 6, 31],
    [7, 2052, 5],
  ] as const;
  const layouts = [
    ['a · b', false, false],
    ['aᵀ · b', true, false],
    ['a · bᵀ', false, true],
    ['aᵀ · bᵀ', true, true],
  ] as const;

  describe.each(sizes)('%i × %i × %i', (rows, depth, columns) => {
    test.each(layouts)('%s', (_, transposeA, transposeB) => {
      const a = random(rows * depth, 1);
      const b = random(depth * columns, 2);
      const old = random(rows * columns, 3);
      const [aRow, aColumn] = transposeA ? [1, rows] : [depth, 1];
      const [bRow, bColumn] = transposeB ? [1, depth] : [columns, 1];
      for (const accumulate of [0, 1]) {
        fill(A, a);
        fill(B, b);
        fill(C, old);
        const guard = C / 4 + rows * columns;
        floats[guard] = 12345;
        expect(kernels.gemmScratchBytes(rows, columns, depth)).toBeLessThan(memory.buffer.byteLength - SCRATCH);
        kernels.gemm(A, aRow, aColumn, B, bRow, bColumn, C, columns, rows, columns, depth, accumulate, SCRATCH);
        for (let i = 0; i < rows; i++) {
          for (let j = 0; j < columns; j++) {
            let sum = accumulate * (old[i * columns + j] ?? NaN);
            for (let k = 0; k < depth; k++)
              sum += (a[i * aRow + k * aColumn] ?? NaN) * (b[k * bRow + j * bColumn] ?? NaN);
            expect(Math.abs((floats[C / 4 + i * columns + j] ?? NaN) - sum)).toBeLessThan(1e-4);
          }
        }
        expect(floats[guard]).toBe(12345);
      }
    });
  });

  // Depths within a slice and beyond it, more rows than are packed at once, and columns that fill no tile.
  test.each([
    [1, 576, 37],
    [2, 64, 65],
    [8, 300, 21],
    [33, 768, 19],
    [130, 257, 18],
  ])('a row has the same bits alone and among others: %i × %i × %i', (rows, depth, columns) => {
    fill(A, random(rows * depth, 4));
    fill(B, random(depth * columns, 5));
    for (const [bRow, bColumn] of [
      [1, depth],
      [columns, 1],
    ] as const) {
      const product = (first: number, count: number): Float32Array => {
        const a = A + 4 * first * depth;
        kernels.gemm(a, depth, 1, B, bRow, bColumn, C, columns, count, columns, depth, 0, SCRATCH);
        return floats.slice(C / 4, C / 4 + count * columns);
      };
      const together = product(0, rows);
      for (let row = 0; row < rows; row++) {
        expect(product(row, 1)).toEqual(together.subarray(row * columns, (row + 1) * columns));
      }
    }
  });
});
