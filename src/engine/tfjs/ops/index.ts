import type { OpRules } from '../rule';
import { attention } from './attention';
import { contrastiveLoss } from './contrastive-loss';
import { imageTokens } from './image-tokens';
import { layerNorm } from './layer-norm';
import { linear } from './linear';
import { normalize } from './normalize';
import { patchify } from './patchify';
import { pool } from './pool';
import { tokenEmbedding } from './token-embedding';

/** Every operation written with TensorFlow.js ops that all of its backends have. */
export const composedRules: OpRules = {
  attention,
  contrastiveLoss,
  imageTokens,
  layerNorm,
  linear,
  normalize,
  patchify,
  pool,
  tokenEmbedding,
};
