import { getBackend, matMul, transpose, type Tensor } from '@tensorflow/tfjs-core';

/**
 * Matrix product over the last two axes. The WASM backend hands only untransposed products to its fast library and is ten times slower with
 * transposed factors, so there they are transposed first.
 */
export function matmul(a: Tensor, b: Tensor, transposeA = false, transposeB = false): Tensor {
  if (getBackend() !== 'wasm') return matMul(a, b, transposeA, transposeB);
  return matMul(transposeA ? swapLastAxes(a) : a, transposeB ? swapLastAxes(b) : b);
}

function swapLastAxes(x: Tensor): Tensor {
  const axes = x.shape.map((_, axis) => axis);
  return transpose(x, [...axes.slice(0, -2), axes.length - 1, axes.length - 2]);
}
