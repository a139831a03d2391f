import type { Strength, PerturbationId } from '../../tasks/robustness';
import { createRandom, mixSeed, textSeed, type Random } from '../random';
import { jpegged } from './jpeg';
import { blurred, cropped, noisy } from './pictures';
import { mistyped } from './typos';

/** How pictures are spoiled, u8 `[side, side, 3]`. */
const ofPictures: Readonly<
  Record<
    Exclude<PerturbationId, 'typos'>,
    (pixels: Uint8Array, side: number, strength: Strength, random: Random) => Uint8Array
  >
> = { blur: blurred, noise: noisy, jpeg: jpegged, crop: cropped };

const seed = 20_260_103;

/** A picture as it is spoiled: the same each time, other for another picture. @param key tells pictures apart */
export function spoiledPicture(
  id: PerturbationId,
  pixels: Uint8Array,
  side: number,
  strength: Strength,
  key: string,
): Uint8Array {
  return id === 'typos' ? pixels : ofPictures[id](pixels, side, strength, createRandom(mixSeed(seed, textSeed(key))));
}

/** Words as they are spoiled, the same each time. */
export function spoiledWords(text: string, strength: Strength): string {
  return mistyped(text, strength, createRandom(mixSeed(seed, textSeed(text))));
}
