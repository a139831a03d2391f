import type { DirectionMetrics, GuessMetrics, RetrievalMetrics } from '../../../tasks/contrastive/structured';

/**
 * What is retrieved: pictures and distinct captions with their features. A picture's right answers are all captions that it carries; a
 * caption's are all pictures that carry it.
 */
export interface RetrievalSet {
  /** L2-normalised, `[images, width]`. */
  readonly images: Float32Array;
  /** L2-normalised, `[captions, width]`. */
  readonly captions: Float32Array;
  readonly width: number;
  /** Per image, indices of its captions. Never empty. */
  readonly captionsOf: readonly (readonly number[])[];
}

/** Ranks from 1: of each picture's best right caption, and of each caption's best right picture. */
export interface Ranks {
  readonly imageToText: Int32Array;
  readonly textToImage: Int32Array;
}

/** Side of the similarity tiles; a tile's rows and columns stay in the processor's cache. */
const tile = 128;

/**
 * Exact retrieval ranks in both directions. A rank is one more than the number of wrong answers that score at least as high as the best right
 * one: ties count against the model, so that features that have collapsed to one point score nothing.
 *
 * @param pause called between tiles; awaiting it lets messages in, and throwing in it ends the computation
 */
export async function retrievalRanks(set: RetrievalSet, pause?: () => Promise<void>): Promise<Ranks> {
  const { images, captions, width, captionsOf } = set;
  const imageCount = captionsOf.length;
  const captionCount = captions.length / width;
  const bestOfImage = new Float64Array(imageCount).fill(-Infinity);
  const bestOfCaption = new Float64Array(captionCount).fill(-Infinity);
  const right = captionsOf.map((list) => new Set(list));
  captionsOf.forEach((list, image) => {
    for (const caption of list) {
      const score = dot(images, image * width, captions, caption * width, width);
      bestOfImage[image] = Math.max(bestOfImage[image] as number, score);
      bestOfCaption[caption] = Math.max(bestOfCaption[caption] as number, score);
    }
  });
  const imageToText = new Int32Array(imageCount).fill(1);
  const textToImage = new Int32Array(captionCount).fill(1);
  for (let top = 0; top < imageCount; top += tile) {
    await pause?.();
    for (let left = 0; left < captionCount; left += tile) {
      for (let image = top; image < Math.min(top + tile, imageCount); image++) {
        const own = right[image] as Set<number>;
        for (let caption = left; caption < Math.min(left + tile, captionCount); caption++) {
          if (own.has(caption)) continue;
          const score = dot(images, image * width, captions, caption * width, width);
          if (score >= (bestOfImage[image] as number)) imageToText[image]!++;
          if (score >= (bestOfCaption[caption] as number)) textToImage[caption]!++;
        }
      }
    }
  }
  return { imageToText, textToImage };
}

/** Recall at 1, 5 and 10 (shares of ranks that are no larger), mean and median rank. */
export function directionMetrics(ranks: Int32Array): DirectionMetrics {
  const count = Math.max(1, ranks.length);
  const recall = (k: number): number => ranks.reduce((hits, rank) => hits + (rank <= k ? 1 : 0), 0) / count;
  const sorted = ranks.toSorted();
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  const lower = sorted.length % 2 === 0 ? (sorted[middle - 1] ?? upper) : upper;
  return {
    recallAt1: recall(1),
    recallAt5: recall(5),
    recallAt10: recall(10),
    meanRank: ranks.reduce((sum, rank) => sum + rank, 0) / count,
    medianRank: (lower + upper) / 2,
  };
}

/**
 * What guessing would reach in both directions: with `right` of `candidates` right, the first guess is right in right/candidates of all cases,
 * and the best right answer comes after (candidates − right)/(right + 1) wrong ones on average.
 *
 * @param captionsOf per picture, its captions
 */
export function guessing(
  captionsOf: readonly (readonly number[])[],
  captions: number,
): NonNullable<RetrievalMetrics['guess']> {
  const carriers = new Int32Array(captions);
  for (const own of captionsOf) for (const caption of own) carriers[caption]!++;
  return {
    imageToText: guessAmong(
      captionsOf.map(({ length }) => length),
      captions,
    ),
    textToImage: guessAmong([...carriers], captionsOf.length),
  };
}

function guessAmong(rightOf: readonly number[], candidates: number): GuessMetrics {
  const mean = (value: (right: number) => number): number =>
    rightOf.reduce((sum, right) => sum + value(right), 0) / Math.max(1, rightOf.length);
  return {
    recallAt1: mean((right) => right / candidates),
    meanRank: mean((right) => 1 + (candidates - right) / (right + 1)),
  };
}

/** The `count` rows of `features` (`[rows, width]`, L2-normalised) most similar to the query, best first; equal scores in row order. */
export function nearest(
  features: Float32Array,
  query: Float32Array,
  count: number,
): readonly { readonly index: number; readonly score: number }[] {
  const width = query.length;
  const scored = Array.from({ length: features.length / width }, (_, index) => ({
    index,
    score: dot(features, index * width, query, 0, width),
  }));
  return scored.sort((a, b) => b.score - a.score || a.index - b.index).slice(0, count);
}

/** Four sums run side by side, so that additions do not wait for each other. */
function dot(a: Float32Array, aAt: number, b: Float32Array, bAt: number, width: number): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let i = 0;
  for (; i + 3 < width; i += 4) {
    s0 += a[aAt + i]! * b[bAt + i]!;
    s1 += a[aAt + i + 1]! * b[bAt + i + 1]!;
    s2 += a[aAt + i + 2]! * b[bAt + i + 2]!;
    s3 += a[aAt + i + 3]! * b[bAt + i + 3]!;
  }
  for (; i < width; i++) s0 += a[aAt + i]! * b[bAt + i]!;
  return s0 + s1 + (s2 + s3);
}
