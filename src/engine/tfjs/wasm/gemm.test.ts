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
        expect(kernels.gemmScratchBytes(columns)).toBeLessThan(memory.buffer.byteLength - SCRATCH);
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
});
