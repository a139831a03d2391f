import { modelFixture, type Fixture } from '../../testing/parity';
import gelu from '../fixtures/gelu.json';
import quickGelu from '../fixtures/quick-gelu.json';

/** Tiny models that Transformers computed, by name. */
export const clipFixtures = { 'quick-gelu': quickGelu, gelu } as const;

export type ClipFixtureName = keyof typeof clipFixtures;

export function clipFixture(name: ClipFixtureName): Fixture {
  return modelFixture(clipFixtures[name]);
}
