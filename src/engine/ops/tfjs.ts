import type { OpRules } from '../tfjs/rule';
import { attention } from './attention/tfjs';
import { concat } from './concat/tfjs';
import { contrastiveLoss } from './contrastive-loss/tfjs';
import { crossEntropy } from './cross-entropy/tfjs';
import { dropout } from './dropout/tfjs';
import { elementLoss } from './element-loss/tfjs';
import { fillMissing } from './fill-missing/tfjs';
import { gate } from './gate/tfjs';
import { gatherRows } from './gather-rows/tfjs';
import { imageTokens } from './image-tokens/tfjs';
import { layerNorm } from './layer-norm/tfjs';
import { linear } from './linear/tfjs';
import { normalize } from './normalize/tfjs';
import { patchify } from './patchify/tfjs';
import { pool } from './pool/tfjs';
import { sigmoidLoss } from './sigmoid-loss/tfjs';
import { tokenEmbedding } from './token-embedding/tfjs';
import { writeRows } from './write-rows/tfjs';
import { tokenMean } from './token-mean/tfjs';

/** Every operation written with TensorFlow.js ops that all of its backends have. */
export const composedRules: OpRules = {
  attention,
  concat,
  contrastiveLoss,
  crossEntropy,
  dropout,
  elementLoss,
  fillMissing,
  gate,
  gatherRows,
  imageTokens,
  layerNorm,
  linear,
  normalize,
  patchify,
  pool,
  sigmoidLoss,
  tokenEmbedding,
  writeRows,
  tokenMean,
};
