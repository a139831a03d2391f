import { lossMetric, picturesMetric, type Interval, type MetricChanges, type Metrics } from '../metrics';
import type { Direction } from './metrics';

/**
 * The metrics of retrieval as structures: how they are computed, and how `training.json` gives them. Everywhere else they are numbers by name.
 */

/** Recall and ranks of one direction; recalls in 0…1, ranks from 1. */
export interface DirectionMetrics {
  readonly recallAt1: number;
  readonly recallAt5: number;
  readonly recallAt10: number;
  readonly meanRank: number;
  readonly medianRank: number;
  /** In 0…1; absent in runs of versions that did not measure them. */
  readonly meanAveragePrecision?: number | undefined;
  readonly meanReciprocalRank?: number | undefined;
  readonly ndcgAt10?: number | undefined;
}

/** What guessing would reach in one direction. */
export interface GuessMetrics {
  readonly recallAt1: number;
  readonly meanRank: number;
}

export interface RetrievalMetrics {
  readonly imageToText: DirectionMetrics;
  readonly textToImage: DirectionMetrics;
  /** Pictures compared: among them a caption looks for its own. */
  readonly gallery: number;
  /** Distinct captions compared: among them a picture looks for its own. Null in runs of versions that did not note it. */
  readonly captions: number | null;
  /** Null like `captions`. */
  readonly guess: { readonly imageToText: GuessMetrics; readonly textToImage: GuessMetrics } | null;
  /** Symmetric contrastive loss, each pair compared with `lossPairs` pairs; smaller for fewer. */
  readonly loss: number;
  /** Null in runs of versions that measured over batches of the recipe's size. */
  readonly lossPairs: number | null;
}

const directions = ['imageToText', 'textToImage'] as const satisfies readonly Direction[];
const ofDirection = [
  'recallAt1',
  'recallAt5',
  'recallAt10',
  'meanRank',
  'medianRank',
  'meanAveragePrecision',
  'meanReciprocalRank',
  'ndcgAt10',
] as const;
const ofGuess = ['recallAt1', 'meanRank'] as const;

/** Retrieval metrics as numbers by name, with what they amount to for both directions together. */
export function namedMetrics(measured: RetrievalMetrics): Metrics {
  const { imageToText, textToImage, gallery, captions, guess, lossPairs } = measured;
  const both = (recall: 'recallAt1' | 'recallAt5' | 'recallAt10'): number =>
    (imageToText[recall] + textToImage[recall]) / 2;
  const named: Record<string, number> = {
    [lossMetric]: measured.loss,
    [picturesMetric]: gallery,
    accuracy: imageToText.recallAt1,
    'recall@1': both('recallAt1'),
    'recall@5': both('recallAt5'),
    'recall@10': both('recallAt10'),
  };
  for (const direction of directions) {
    for (const name of ofDirection) {
      const value = measured[direction][name];
      if (value !== undefined) named[`${direction}.${name}`] = value;
    }
    if (guess !== null) for (const name of ofGuess) named[`guess.${direction}.${name}`] = guess[direction][name];
  }
  if (captions !== null) named['captions'] = captions;
  if (lossPairs !== null) named['lossPairs'] = lossPairs;
  return named;
}

/** The structure that `namedMetrics` was given. */
export function structuredMetrics(named: Metrics): RetrievalMetrics {
  const structured = directions.map((direction) => [direction, part(named, direction, ofDirection)] as const);
  const guess = directions.map((direction) => [direction, part(named, `guess.${direction}`, ofGuess)] as const);
  const known = named['guess.imageToText.recallAt1'] !== undefined;
  return {
    ...(Object.fromEntries(structured) as Record<Direction, DirectionMetrics>),
    gallery: named[picturesMetric] ?? NaN,
    captions: named['captions'] ?? null,
    guess: known ? (Object.fromEntries(guess) as Record<Direction, GuessMetrics>) : null,
    loss: named[lossMetric] ?? NaN,
    lossPairs: named['lossPairs'] ?? null,
  };
}

/** Intervals in the structure of the metrics. */
export function structuredChange({ intervals, groups }: MetricChanges): Readonly<Record<string, unknown>> {
  const structured = directions.map((direction) => [direction, part(intervals, direction, ofDirection)] as const);
  return {
    ...Object.fromEntries(structured),
    bothRecallAt1: intervals['recall@1'],
    loss: intervals[lossMetric],
    groups,
  };
}

function part<Name extends string, Value extends number | Interval>(
  named: Readonly<Record<string, Value>>,
  prefix: string,
  names: readonly Name[],
): Record<Name, Value | undefined> {
  return Object.fromEntries(names.map((name) => [name, named[`${prefix}.${name}`]])) as Record<Name, Value | undefined>;
}
