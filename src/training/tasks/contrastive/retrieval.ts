import {
  averagePrecisionAt,
  medianRank,
  meanReciprocalRank,
  ndcg,
  recallAt,
  weightedMean,
  type Weights,
} from '../../../metrics/retrieval';
import type { DirectionMetrics, GuessMetrics } from '../../../tasks/contrastive/structured';
import { bestPlaces, byQuery, RightAnswers, type RightPlaces } from './right-answers';

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

/** What each query finds. */
export interface Ranks {
  readonly imageToText: DirectionRanks;
  readonly textToImage: DirectionRanks;
  /** The caption that each picture is closest to, the first of equal ones. */
  readonly firstCaption: Int32Array;
}

/** Ranks from 1 of the queries of one direction. */
export interface DirectionRanks {
  /** Of each query's best right answer. */
  readonly best: Int32Array;
  /** Average precision of each query over all its right answers. */
  readonly averagePrecision: Float64Array;
  /** Normalised discounted cumulative gain of each query among the first ten answers. */
  readonly ndcgAt10: Float64Array;
}

/** What the ranks of all right answers of the queries of one direction amount to. */
export function directionRanks(right: RightPlaces): DirectionRanks {
  return {
    best: bestPlaces(right),
    averagePrecision: byQuery(right, averagePrecisionAt),
    ndcgAt10: byQuery(right, (places) => ndcg(places, 10)),
  };
}

/** How many right answers the queries of both directions have. */
export function rightCounts(captionsOf: RetrievalSet['captionsOf'], captions: number) {
  const carriers = new Array<number>(captions).fill(0);
  const own = captionsOf.map((list) => [...new Set(list)]);
  for (const list of own) for (const caption of list) carriers[caption]!++;
  return { imageToText: own.map(({ length }) => length), textToImage: carriers };
}

/** Side of the similarity tiles; a tile's rows and columns stay in the processor's cache. */
const tile = 128;

/**
 * Exact retrieval ranks in both directions. The rank of a right answer counts the right ones down to it and the wrong ones that score at least as
 * high: ties count against the model, so that features that have collapsed to one point score nothing.
 *
 * @param pause called between tiles; awaiting it lets messages in, and throwing in it ends the computation
 */
export async function retrievalRanks(set: RetrievalSet, pause?: () => Promise<void>): Promise<Ranks> {
  const { images, captions, width, captionsOf } = set;
  const imageCount = captionsOf.length;
  const captionCount = captions.length / width;
  const counts = rightCounts(captionsOf, captionCount);
  const imageToText = new RightAnswers(counts.imageToText);
  const textToImage = new RightAnswers(counts.textToImage);
  const firstCaption = new Int32Array(imageCount);
  const firstScore = new Float64Array(imageCount).fill(-Infinity);
  const right = captionsOf.map((list) => new Set(list));
  const takeFirst = (image: number, caption: number, score: number): void => {
    const first = firstScore[image] as number;
    if (score < first || (score === first && caption > (firstCaption[image] as number))) return;
    firstScore[image] = score;
    firstCaption[image] = caption;
  };
  right.forEach((own, image) => {
    for (const caption of own) {
      const score = dot(images, image * width, captions, caption * width, width);
      imageToText.add(image, score);
      textToImage.add(caption, score);
      takeFirst(image, caption, score);
    }
  });
  imageToText.order();
  textToImage.order();
  for (let top = 0; top < imageCount; top += tile) {
    await pause?.();
    for (let left = 0; left < captionCount; left += tile) {
      for (let image = top; image < Math.min(top + tile, imageCount); image++) {
        const own = right[image] as Set<number>;
        for (let caption = left; caption < Math.min(left + tile, captionCount); caption++) {
          if (own.has(caption)) continue;
          const score = dot(images, image * width, captions, caption * width, width);
          imageToText.count(image, score);
          textToImage.count(caption, score);
          if (score >= (firstScore[image] as number)) takeFirst(image, caption, score);
        }
      }
    }
  }
  return {
    imageToText: directionRanks(imageToText.places()),
    textToImage: directionRanks(textToImage.places()),
    firstCaption,
  };
}

/**
 * Recall at 1, 5 and 10 (shares of ranks that are no larger), mean and median of the ranks of best right answers, and the means over queries of
 * average precision (mAP), reciprocal rank (MRR) and gain (nDCG@10).
 *
 * @param weights how often each query counts; absent: once
 */
export function directionMetrics(ranks: DirectionRanks, weights?: Weights): DirectionMetrics {
  const { best, averagePrecision, ndcgAt10 } = ranks;
  return {
    recallAt1: recallAt(1, best, weights),
    recallAt5: recallAt(5, best, weights),
    recallAt10: recallAt(10, best, weights),
    meanRank: weightedMean(best, weights),
    medianRank: medianRank(best, weights),
    meanAveragePrecision: weightedMean(averagePrecision, weights),
    meanReciprocalRank: meanReciprocalRank(best, weights),
    ndcgAt10: weightedMean(ndcgAt10, weights),
  };
}

/** What guessing would reach for each query of both directions. */
export interface Guessing {
  readonly imageToText: GuessedQueries;
  readonly textToImage: GuessedQueries;
}

type GuessedQueries = { readonly [Metric in keyof GuessMetrics]: Float64Array };

/**
 * What guessing would reach in both directions: with `right` of `candidates` right, the first guess is right in right/candidates of all cases,
 * and the best right answer comes after (candidates − right)/(right + 1) wrong ones on average.
 *
 * @param captionsOf per picture, its captions
 */
export function guessing(captionsOf: readonly (readonly number[])[], captions: number): Guessing {
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

function guessAmong(rightOf: readonly number[], candidates: number): GuessedQueries {
  return {
    recallAt1: Float64Array.from(rightOf, (right) => right / candidates),
    meanRank: Float64Array.from(rightOf, (right) => 1 + (candidates - right) / (right + 1)),
  };
}

/** What guessing would reach in one direction. */
export function guessMetrics({ recallAt1, meanRank }: GuessedQueries, weights?: Weights): GuessMetrics {
  return { recallAt1: weightedMean(recallAt1, weights), meanRank: weightedMean(meanRank, weights) };
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
