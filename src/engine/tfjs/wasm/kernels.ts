import { binaries } from './binaries';

/** Exports of `assembly/index.ts`. Tensors are byte addresses in the shared heap; flags are 0 or 1. */
export interface WasmKernels {
  readonly gemmScratchBytes: (rows: number, columns: number, depth: number) => number;
  readonly gemm: (
    a: number,
    aRow: number,
    aColumn: number,
    b: number,
    bRow: number,
    bColumn: number,
    c: number,
    cRow: number,
    rows: number,
    columns: number,
    depth: number,
    accumulate: number,
    scratch: number,
  ) => void;
  readonly columnSums: (
    x: number,
    stride: number,
    out: number,
    rows: number,
    columns: number,
    accumulate: number,
  ) => void;
  readonly fillRows: (row: number, residual: number, y: number, rows: number, columns: number) => void;
  readonly scatterAddRows: (ids: number, x: number, table: number, rows: number, columns: number) => void;
  readonly activationForward: (kind: number, x: number, residual: number, y: number, length: number) => void;
  readonly activationBackward: (kind: number, x: number, dy: number, dx: number, length: number) => void;
  readonly layerNormForward: (
    x: number,
    weight: number,
    bias: number,
    y: number,
    mean: number,
    rstd: number,
    rows: number,
    columns: number,
    epsilon: number,
  ) => void;
  readonly layerNormBackward: (
    x: number,
    weight: number,
    mean: number,
    rstd: number,
    dy: number,
    dx: number,
    dWeight: number,
    dBias: number,
    rows: number,
    columns: number,
  ) => void;
  readonly attentionScratchBytes: (queries: number, keys: number, headSize: number) => number;
  readonly attentionForward: (
    query: number,
    queryRow: number,
    querySequence: number,
    key: number,
    keyRow: number,
    lengths: number,
    offsets: number,
    y: number,
    softmax: number,
    queries: number,
    keys: number,
    heads: number,
    headSize: number,
    causal: number,
    threshold: number,
    mask: number,
    kept: number,
    first: number,
    end: number,
    scratch: number,
  ) => void;
  readonly attentionBackward: (
    query: number,
    queryRow: number,
    querySequence: number,
    key: number,
    keyRow: number,
    lengths: number,
    offsets: number,
    y: number,
    softmax: number,
    dy: number,
    dQuery: number,
    dQueryRow: number,
    dKey: number,
    queries: number,
    keys: number,
    heads: number,
    headSize: number,
    causal: number,
    threshold: number,
    mask: number,
    kept: number,
    first: number,
    end: number,
    scratch: number,
  ) => void;
  readonly crossEntropyRows: (
    logits: number,
    weights: number,
    statistics: number,
    rows: number,
    columns: number,
  ) => void;
  readonly crossEntropyBackward: (
    logits: number,
    targets: number,
    weights: number,
    factors: number,
    dLogits: number,
    rows: number,
    columns: number,
  ) => void;
  readonly scale: (x: number, factor: number, length: number) => void;
  readonly sumOfSquares: (x: number, length: number) => number;
  readonly adam: (
    p: number,
    m: number,
    v: number,
    g: number,
    length: number,
    clip: number,
    coupled: number,
    keep: number,
    beta1: number,
    beta2: number,
    rate: number,
    correction: number,
    epsilon: number,
  ) => void;
  readonly momentum: (
    p: number,
    buffer: number,
    g: number,
    length: number,
    clip: number,
    weightDecay: number,
    factor: number,
    nesterov: number,
    learningRate: number,
  ) => void;
}

/** `f32x4.relaxed_madd` on three constants: valid where the engine has relaxed SIMD (fused multiply-add). */
const relaxedProbe = [
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 19, 1, 17, 0, 65, 1, 253, 17, 65, 2, 253, 17, 65,
  3, 253, 17, 253, 133, 2, 11,
];

/** Whether the engine validates relaxed SIMD. */
export function hasRelaxedSimd(): boolean {
  return WebAssembly.validate(new Uint8Array(relaxedProbe));
}

/** Compiles the variant for this engine and memory. */
export function compileKernels(shared: boolean): Promise<WebAssembly.Module> {
  const base64 = hasRelaxedSimd()
    ? binaries[shared ? 'relaxedShared' : 'relaxed']
    : binaries[shared ? 'plainShared' : 'plain'];
  return WebAssembly.compile(Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)));
}

/** Lays the kernels over a heap. They have no memory of their own. */
export async function instantiateKernels(module: WebAssembly.Module, memory: WebAssembly.Memory): Promise<WasmKernels> {
  const instance = await WebAssembly.instantiate(module, { env: { memory } });
  return instance.exports as unknown as WasmKernels;
}
