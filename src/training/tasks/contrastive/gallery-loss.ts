import { contrastiveLosses } from './contrastive-loss';
import { createRandom, mixSeed, shuffled } from '../../random';
import { epochBatches, planBatches, type PairKeys } from '../../data/sampler';

/**
 * Every pair is compared with so many pairs (itself included) when a loss is measured, or with all where there are fewer. A contrastive loss
 * grows with the logarithm of this number, so that losses of one size alone can be compared: all that are measured have this one, whatever the
 * recipe trains with.
 */
export const lossPairs = 64;

/** The loss of each pair, and how many pairs each was compared with. */
export interface PairLosses {
  /** In the order of `pairs`. */
  readonly losses: Float64Array;
  readonly comparedPairs: number;
}

/** L2-normalised features `[images, width]` and `[captions, width]`, of which pairs name rows. */
interface Features {
  readonly images: Float32Array;
  readonly captions: Float32Array;
  readonly width: number;
}

/** Seed of the batches: any, but always the same. */
const seed = 1;

/**
 * The symmetric contrastive loss of every pair, without label smoothing, in batches that are the same every time.
 *
 * @param pairs `imageKey` and `textKey` are rows of the features
 * @param logitScale natural logarithm of the scale
 * @param pause awaited between batches; throwing in it ends the work
 */
export async function pairLosses(
  pairs: readonly PairKeys[],
  { images, captions, width }: Features,
  logitScale: number,
  pause?: () => Promise<void>,
): Promise<PairLosses> {
  const size = Math.min(lossPairs, pairs.length);
  const losses = new Float64Array(pairs.length);
  for (const { rows, counted } of fixedBatches(pairs, size)) {
    await pause?.();
    const batch = rows.map((index) => pairs[index] as PairKeys);
    const imageKeys = Int32Array.from(batch, ({ imageKey }) => imageKey);
    const textKeys = Int32Array.from(batch, ({ textKey }) => textKey);
    const ofBatch = contrastiveLosses(
      { image: gather(images, imageKeys, width), text: gather(captions, textKeys, width), width, imageKeys, textKeys },
      logitScale,
      0,
    );
    for (let row = 0; row < counted; row++) losses[rows[row] as number] = ofBatch[row] as number;
  }
  return { losses, comparedPairs: size };
}

interface FixedBatch {
  /** Indices of pairs, each once. */
  readonly rows: readonly number[];
  /** The first so many are measured here; the others are there to be compared with. */
  readonly counted: number;
}

/**
 * Batches of exactly `size` pairs that count every pair once. The sampler spreads pairs evenly, over batches that may be smaller; each is filled
 * up with pairs that are counted elsewhere, with such first as share neither picture nor caption with the batch.
 */
export function fixedBatches(pairs: readonly PairKeys[], size: number): readonly FixedBatch[] {
  const all = pairs.map((_, index) => index);
  return epochBatches(pairs, planBatches(pairs.length, size), seed, 0).map((batch, number) => {
    const images = new Set(batch.map((index) => pairs[index]?.imageKey));
    const texts = new Set(batch.map((index) => pairs[index]?.textKey));
    const taken = new Set(batch);
    const order = batch.length < size ? shuffled(all, createRandom(mixSeed(seed, number))) : [];
    for (const distinct of [true, false]) {
      for (const index of order) {
        if (taken.size >= size) break;
        const { imageKey, textKey } = pairs[index] as PairKeys;
        if (taken.has(index) || (distinct && (images.has(imageKey) || texts.has(textKey)))) continue;
        taken.add(index);
        images.add(imageKey);
        texts.add(textKey);
      }
    }
    return { rows: [...taken], counted: batch.length };
  });
}

function gather(from: Float32Array, rows: Int32Array, width: number): Float32Array {
  const result = new Float32Array(rows.length * width);
  rows.forEach((row, place) => result.set(from.subarray(row * width, (row + 1) * width), place * width));
  return result;
}
