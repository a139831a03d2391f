import { attentionLowering } from './attention/webgpu';
import { concatLowering } from './concat/webgpu';
import { contrastiveLossLowering } from './contrastive-loss/webgpu';
import { crossEntropyLowering } from './cross-entropy/webgpu';
import { dropoutLowering } from './dropout/webgpu';
import { elementLossLowering } from './element-loss/webgpu';
import { fillMissingLowering } from './fill-missing/webgpu';
import { gateLowering } from './gate/webgpu';
import { gatherRowsLowering } from './gather-rows/webgpu';
import { imageTokensLowering } from './image-tokens/webgpu';
import { layerNormLowering } from './layer-norm/webgpu';
import { linearLowering } from './linear/webgpu';
import type { OpLowering } from './lowering';
import { normalizeLowering } from './normalize/webgpu';
import { patchifyLowering } from './patchify/webgpu';
import { poolLowering } from './pool/webgpu';
import { sigmoidLossLowering } from './sigmoid-loss/webgpu';
import { tokenEmbeddingLowering } from './token-embedding/webgpu';
import { writeRowsLowering } from './write-rows/webgpu';
import { tokenMeanLowering } from './token-mean/webgpu';
import type { GraphNode, NodeOf, OperationName } from '.';

/** Every operation as WebGPU dispatches. */
const lowerings: { readonly [Op in OperationName]: OpLowering<NodeOf<Op>> } = {
  attention: attentionLowering,
  concat: concatLowering,
  contrastiveLoss: contrastiveLossLowering,
  crossEntropy: crossEntropyLowering,
  dropout: dropoutLowering,
  elementLoss: elementLossLowering,
  fillMissing: fillMissingLowering,
  gate: gateLowering,
  gatherRows: gatherRowsLowering,
  imageTokens: imageTokensLowering,
  layerNorm: layerNormLowering,
  linear: linearLowering,
  normalize: normalizeLowering,
  patchify: patchifyLowering,
  pool: poolLowering,
  sigmoidLoss: sigmoidLossLowering,
  tokenEmbedding: tokenEmbeddingLowering,
  writeRows: writeRowsLowering,
  tokenMean: tokenMeanLowering,
};

/** How a node becomes dispatches. */
export function loweringOf(node: GraphNode): OpLowering<GraphNode> {
  // A lowering is given its own nodes only.
  return lowerings[node.op];
}
