import { captionGroups } from '../../../dataset/caption-groups';
import { namedMetrics } from '../../../tasks/contrastive/structured';
import { lossMetric } from '../../../tasks/metrics';
import type { Measured, SampleMean } from '../measured';
import { directionMetrics, guessing, guessMetrics, type DirectionRanks, type Ranks } from './retrieval';

/** What was measured of each query and pair of a gallery under one set of weights. */
export interface QueryResults {
  /** Per picture, its captions, as places among all. */
  readonly captionsOf: readonly (readonly number[])[];
  readonly captions: readonly string[];
  readonly ranks: Ranks;
  /** Contrastive loss of each pair of a picture and a caption: for each picture, in the order of its captions. */
  readonly losses: Float64Array;
  /** Pairs that each pair was compared with. */
  readonly comparedPairs: number;
}

/**
 * Retrieval, with pictures as samples. Whichever of them are measured, they and their captions are looked for in the whole gallery: its size decides
 * how hard that is. A caption counts by the share of its pictures that are measured.
 */
export function measuredGallery(results: QueryResults): Measured {
  const { captionsOf, captions, ranks, losses, comparedPairs } = results;
  const guess = guessing(captionsOf, captions.length);
  const carriers = new Int32Array(captions.length);
  for (const own of captionsOf) for (const caption of own) carriers[caption]!++;
  const lossesOf = lossesByPicture(captionsOf, losses);
  return {
    measure(places) {
      const { queries, weights } = captionQueries(captionsOf, carriers, places);
      const of = (values: ArrayLike<number>, at: ArrayLike<number>): Float64Array =>
        Float64Array.from(at, (query) => values[query]!);
      const ranked = ({ best, averagePrecision, ndcgAt10 }: DirectionRanks, at: ArrayLike<number>): DirectionRanks => ({
        best: Int32Array.from(at, (query) => best[query]!),
        averagePrecision: of(averagePrecision, at),
        ndcgAt10: of(ndcgAt10, at),
      });
      let [loss, pairs] = [0, 0];
      for (const place of places) {
        loss += lossesOf[place]!;
        pairs += captionsOf[place]!.length;
      }
      const guessed = (direction: 'imageToText' | 'textToImage', at: ArrayLike<number>, own?: Float64Array) =>
        guessMetrics(
          { recallAt1: of(guess[direction].recallAt1, at), meanRank: of(guess[direction].meanRank, at) },
          own,
        );
      return namedMetrics({
        imageToText: directionMetrics(ranked(ranks.imageToText, places)),
        textToImage: directionMetrics(ranked(ranks.textToImage, queries), weights),
        gallery: places.length,
        captions: queries.length,
        guess: {
          imageToText: guessed('imageToText', places),
          textToImage: guessed('textToImage', queries, weights),
        },
        loss: loss / pairs,
        lossPairs: comparedPairs,
      });
    },
    outcome(place) {
      const rank = ranks.imageToText.best[place] ?? NaN;
      return { right: rank === 1, score: 1 / rank, said: captions[ranks.firstCaption[place] ?? -1] ?? '' };
    },
    means: meansOf(results, carriers, lossesOf),
    medians: {
      'imageToText.medianRank': {
        values: ranks.imageToText.best,
        places: Int32Array.from(captionsOf.keys()),
      },
      'textToImage.medianRank': { values: ranks.textToImage.best, places: firstCarriers(captionsOf, captions.length) },
    },
  };
}

/**
 * Pictures and captions that are tied to each other, since a picture carries several captions or a caption is on several pictures, are no separate
 * evidence: a caption that moves takes all its pictures along.
 *
 * @returns per picture, the number of its group
 */
export function tiedPictures(captionsOf: readonly (readonly number[])[], captions: number): Int32Array {
  const { ofCaption } = captionGroups(captionsOf, captions);
  return Int32Array.from(captionsOf, ([first = 0]) => ofCaption[first] ?? 0);
}

/** The captions that pictures carry, and how often each counts. */
function captionQueries(
  captionsOf: readonly (readonly number[])[],
  carriers: Int32Array,
  places: readonly number[],
): { readonly queries: readonly number[]; readonly weights: Float64Array } {
  const counts = new Map<number, number>();
  for (const place of places) {
    for (const caption of captionsOf[place]!) counts.set(caption, (counts.get(caption) ?? 0) + 1);
  }
  const queries = [...counts.keys()];
  return { queries, weights: Float64Array.from(queries, (caption) => counts.get(caption)! / carriers[caption]!) };
}

/** Per caption, the first picture that carries it. */
function firstCarriers(captionsOf: readonly (readonly number[])[], captions: number): Int32Array {
  const first = new Int32Array(captions).fill(-1);
  captionsOf.forEach((own, place) => {
    for (const caption of own) if (first[caption] === -1) first[caption] = place;
  });
  return first;
}

function lossesByPicture(captionsOf: readonly (readonly number[])[], losses: Float64Array): Float64Array {
  let pair = 0;
  return Float64Array.from(captionsOf, (own) => own.reduce((sum) => sum + losses[pair++]!, 0));
}

function meansOf({ captionsOf, ranks }: QueryResults, carriers: Int32Array, lossesOf: Float64Array): Measured['means'] {
  const pairsOf = Float64Array.from(captionsOf, ({ length }) => length);
  const once = new Float64Array(captionsOf.length).fill(1);
  /** What the captions of each picture amount to, each by the share of its pictures that this one is. */
  const ofCaptions = (value: (caption: number) => number): Float64Array =>
    Float64Array.from(captionsOf, (own) => own.reduce((sum, caption) => sum + value(caption) / carriers[caption]!, 0));
  const directions = {
    imageToText: {
      sums: (value: (picture: number) => number) => Float64Array.from(captionsOf.keys(), value),
      counts: once,
    },
    textToImage: {
      sums: ofCaptions,
      counts: ofCaptions(() => 1),
    },
  };
  const recall = (direction: keyof typeof directions, depth: number): SampleMean => ({
    sums: directions[direction].sums((query) => (ranks[direction].best[query]! <= depth ? 1 : 0)),
    counts: directions[direction].counts,
    scale: 'binary',
  });
  const means: Record<string, readonly SampleMean[]> = {
    accuracy: [recall('imageToText', 1)],
    [lossMetric]: [{ sums: lossesOf, counts: pairsOf, scale: 'continuous' }],
  };
  for (const depth of [1, 5, 10]) {
    const both = [recall('imageToText', depth), recall('textToImage', depth)] as const;
    means[`recall@${depth}`] = both;
    means[`imageToText.recallAt${depth}`] = [both[0]];
    means[`textToImage.recallAt${depth}`] = [both[1]];
  }
  for (const direction of ['imageToText', 'textToImage'] as const) {
    const { sums, counts } = directions[direction];
    const { best, averagePrecision, ndcgAt10 } = ranks[direction];
    const mean = (value: (query: number) => number, scale: SampleMean['scale']): readonly SampleMean[] => [
      { sums: sums(value), counts, scale },
    ];
    means[`${direction}.meanRank`] = mean((query) => best[query]!, 'whole');
    means[`${direction}.meanAveragePrecision`] = mean((query) => averagePrecision[query]!, 'share');
    means[`${direction}.meanReciprocalRank`] = mean((query) => 1 / best[query]!, 'share');
    means[`${direction}.ndcgAt10`] = mean((query) => ndcgAt10[query]!, 'share');
  }
  return means;
}
