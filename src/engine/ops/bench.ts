import type { OperationName } from '.';
import { attentionCases } from './attention/bench';
import type { BenchCases } from './bench-case';
import { concatCases } from './concat/bench';
import { contrastiveLossCases } from './contrastive-loss/bench';
import { crossEntropyCases } from './cross-entropy/bench';
import { dropoutCases } from './dropout/bench';
import { elementLossCases } from './element-loss/bench';
import { fillMissingCases } from './fill-missing/bench';
import { gateCases } from './gate/bench';
import { gatherRowsCases } from './gather-rows/bench';
import { imageTokensCases } from './image-tokens/bench';
import { layerNormCases } from './layer-norm/bench';
import { linearCases } from './linear/bench';
import { normalizeCases } from './normalize/bench';
import { patchCases } from './patchify/bench';
import { poolCases } from './pool/bench';
import { sigmoidLossCases } from './sigmoid-loss/bench';
import { tokenEmbeddingCases } from './token-embedding/bench';
import { tokenMeanCases } from './token-mean/bench';
import { writeRowsCases } from './write-rows/bench';

/** Every operation's benchmark cases, in the order in which they are shown. Only `bench/` imports this. */
export const operationCases: { readonly [Op in OperationName]: BenchCases } = {
  patchify: patchCases,
  imageTokens: imageTokensCases,
  tokenEmbedding: tokenEmbeddingCases,
  linear: linearCases,
  attention: attentionCases,
  layerNorm: layerNormCases,
  pool: poolCases,
  tokenMean: tokenMeanCases,
  normalize: normalizeCases,
  contrastiveLoss: contrastiveLossCases,
  sigmoidLoss: sigmoidLossCases,
  crossEntropy: crossEntropyCases,
  elementLoss: elementLossCases,
  concat: concatCases,
  gate: gateCases,
  fillMissing: fillMissingCases,
  dropout: dropoutCases,
  gatherRows: gatherRowsCases,
  writeRows: writeRowsCases,
};
