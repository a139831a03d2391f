import { modelFixture, type Fixture } from '../../testing/parity';
import gelu from '../fixtures/gelu.json';
import quickGelu from '../fixtures/quick-gelu.json';

/** Tiny models that Transformers computed, by name. */
export const CLIP_FIXTURES = { 'quick-gelu': quickGelu, gelu } as const;

export type ClipFixtureName = keyof typeof CLIP_FIXTURES;

export function clipFixture(name: ClipFixtureName): Fixture {
  return modelFixture(CLIP_FIXTURES[name]);
}
