import { composedRules } from './tfjs';
import type { OpRules } from '../tfjs/rule';
import { wasmAttention } from './attention/wasm';
import { wasmCrossEntropy } from './cross-entropy/wasm';
import type { WasmHeap } from '../tfjs/wasm/heap';
import { wasmGatherRows } from './gather-rows/wasm';
import { wasmLayerNorm } from './layer-norm/wasm';
import { wasmLinear } from './linear/wasm';
import { wasmPool } from './pool/wasm';
import { wasmTokenEmbedding } from './token-embedding/wasm';
import { wasmWriteRows } from './write-rows/wasm';

/** The composed rules with the operations that take the time replaced by SIMD kernels. */
export function wasmRules(heap: WasmHeap): OpRules {
  return {
    ...composedRules,
    attention: wasmAttention(heap),
    crossEntropy: wasmCrossEntropy(heap),
    gatherRows: wasmGatherRows(heap),
    layerNorm: wasmLayerNorm(heap),
    linear: wasmLinear(heap),
    pool: wasmPool(heap),
    tokenEmbedding: wasmTokenEmbedding(heap),
    writeRows: wasmWriteRows(heap),
  };
}
