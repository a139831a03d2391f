import type { InputData } from '../../../engine/executor';
import { createRandom, mixSeed, textSeed } from '../../random';
import { headInputs } from './graph';

/** What of a sample is there to be read, and how many tokens of it count. */
export interface Presence {
  readonly picture: boolean;
  readonly words: boolean;
  readonly pictureTokens: number;
  readonly wordTokens: number;
}

/** The inputs that tell a head what is there. Rows beyond the samples are padding. */
export function presenceInputs(samples: readonly Presence[], rows: number): InputData {
  const filled = (of: (sample: Presence) => number): Int32Array => {
    const values = new Int32Array(rows).fill(1);
    samples.forEach((sample, row) => (values[row] = of(sample)));
    return values;
  };
  // A vector stands in the place of all tokens of what is missing, and the first of them is enough.
  const wordTokens = ({ words, wordTokens: count }: Presence): number => (words ? count : 1);
  return {
    [headInputs.picturePresent]: filled(({ picture }) => Number(picture)),
    [headInputs.wordsPresent]: filled(({ words }) => Number(words)),
    [headInputs.pictureLengths]: filled(({ picture, pictureTokens }) => (picture ? pictureTokens : 1)),
    [headInputs.wordLengths]: filled(wordTokens),
    [headInputs.wordEnds]: filled((sample) => wordTokens(sample) - 1),
  };
}

/**
 * Modality dropout: leaves out the picture or the words of some samples that have both, the same for the same seed, epoch and content.
 *
 * @param share of the samples
 */
export function leftOut(
  presence: Presence,
  { share, seed, epoch, hash }: { share: number; seed: number; epoch: number; hash: string },
): Presence {
  if (share === 0 || !presence.picture || !presence.words) return presence;
  const random = createRandom(mixSeed(seed, epoch, textSeed(hash), 1));
  if (random() >= share) return presence;
  return random() < 0.5 ? { ...presence, picture: false } : { ...presence, words: false };
}
