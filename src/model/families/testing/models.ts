import { CLIP_FIXTURES } from '../clip/testing/fixtures';
import siglipGelu from '../siglip/fixtures/gelu.json';
import siglip from '../siglip/fixtures/siglip.json';
import type { StoredModel } from './parity';

/** Tiny models of every family, as Transformers computed them. */
export const STORED_MODELS: Readonly<Record<string, StoredModel>> = {
  'CLIP with quick GELU': CLIP_FIXTURES['quick-gelu'],
  'CLIP with GELU': CLIP_FIXTURES.gelu,
  SigLIP: siglip,
  'SigLIP with GELU': siglipGelu,
};
