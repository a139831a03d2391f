import { composedRules } from '../ops';
import type { OpRules } from '../rule';
import { wasmAttention } from './attention';
import type { WasmHeap } from './heap';
import { wasmLayerNorm } from './layer-norm';
import { wasmLinear } from './linear';
import { wasmTokenEmbedding } from './token-embedding';

/** The composed rules with the operations that take the time replaced by SIMD kernels. */
export function wasmRules(heap: WasmHeap): OpRules {
  return {
    ...composedRules,
    attention: wasmAttention(heap),
    layerNorm: wasmLayerNorm(heap),
    linear: wasmLinear(heap),
    tokenEmbedding: wasmTokenEmbedding(heap),
  };
}
