import { clipFixtures } from '../clip/testing/fixtures';
import siglipGelu from '../siglip/fixtures/gelu.json';
import siglip from '../siglip/fixtures/siglip.json';
import type { StoredModel } from './parity';

/** Tiny models of every family, as Transformers computed them. */
export const storedModels: Readonly<Record<string, StoredModel>> = {
  'CLIP with quick GELU': clipFixtures['quick-gelu'],
  'CLIP with GELU': clipFixtures.gelu,
  SigLIP: siglip,
  'SigLIP with GELU': siglipGelu,
};
