/**
 * SIMD kernels for training on the CPU, written in AssemblyScript and built by `npm run build:assembly`. They work on the memory of the
 * TensorFlow.js WASM backend, which they import: arguments named after tensors are byte addresses of row-major float32 data. The module has
 * no memory, stack or static data of its own, so that it can be laid over a heap that another module manages.
 */
export { activationBackward, activationForward } from './activation';
export { attentionBackward, attentionForward, attentionScratchBytes } from './attention';
export { crossEntropyBackward, crossEntropyRows } from './cross-entropy';
export { gemm, gemmScratchBytes } from './gemm';
export { layerNormBackward, layerNormForward } from './layer-norm';
export { adam, momentum, scale, sumOfSquares } from './optimizer';
export { columnSums, fillRows, scatterAddRows } from './rows';
