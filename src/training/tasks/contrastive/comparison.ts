import { captionGroups } from '../../../dataset/caption-groups';
import { bootstrapIntervals, type Change, type MeanChange } from '../../statistics/bootstrap';
import type { DirectionMetrics } from '../../../tasks/contrastive/structured';
import { lossMetric, type Interval, type MetricChanges } from '../../../tasks/metrics';
import type { Ranks } from './retrieval';

/** What was measured of each query and pair of a gallery under one set of weights. */
export interface QueryResults {
  readonly ranks: Ranks;
  /** Contrastive loss of each pair of a picture and a caption: for each picture, in the order of its captions. */
  readonly losses: Float64Array;
}

/**
 * Intervals of all differences between two sets of weights on one gallery. Pictures and captions that are tied to each other, since a picture
 * carries several captions or a caption is on several pictures, are no separate evidence (a caption that moves takes all its pictures along), so
 * they are drawn together.
 *
 * @param captionsOf per picture, its captions
 * @returns null where there are too few groups to tell
 */
export async function changeIntervals(
  captionsOf: readonly (readonly number[])[],
  before: QueryResults,
  after: QueryResults,
  pause?: () => Promise<void>,
): Promise<MetricChanges | null> {
  const captionCount = before.ranks.textToImage.length;
  const { ofCaption, count } = captionGroups(captionsOf, captionCount);
  const ofImage = Int32Array.from(captionsOf, ([first = 0]) => ofCaption[first] as number);
  const ofPair = Int32Array.from(captionsOf.flatMap((own) => own.map((caption) => ofCaption[caption] as number)));
  const images = directionChanges(before.ranks.imageToText, after.ranks.imageToText, groupingOf(ofImage, count));
  const captions = directionChanges(before.ranks.textToImage, after.ranks.textToImage, groupingOf(ofCaption, count));
  const loss = meanChange(before.losses, after.losses, (value) => value, groupingOf(ofPair, count), null);
  const both: Change = { kind: 'average', of: [images.recallAt1, captions.recallAt1] };
  const changes: Readonly<Record<string, Change>> = {
    ...named('imageToText', images),
    ...named('textToImage', captions),
    'recall@1': both,
    [lossMetric]: loss,
  };
  const found = await bootstrapIntervals(Object.values(changes), count, pause);
  if (found === null) return null;
  const intervals: Record<string, Interval> = {};
  Object.keys(changes).forEach((name, index) => (intervals[name] = found[index]!));
  return { intervals: { ...intervals, accuracy: intervals['imageToText.recallAt1']! }, groups: count };
}

/** Which group each query belongs to, and how many queries each group has. */
interface Grouping {
  readonly groupOf: Int32Array;
  readonly counts: Float64Array;
}

function groupingOf(groupOf: Int32Array, groups: number): Grouping {
  const counts = new Float64Array(groups);
  for (const group of groupOf) counts[group]!++;
  return { groupOf, counts };
}

type DirectionChanges = { readonly [Metric in keyof DirectionMetrics]: Change } & { readonly recallAt1: MeanChange };

function named(direction: string, changes: DirectionChanges): Readonly<Record<string, Change>> {
  return Object.fromEntries(Object.entries(changes).map(([name, change]) => [`${direction}.${name}`, change]));
}

function directionChanges(before: Int32Array, after: Int32Array, grouping: Grouping): DirectionChanges {
  const recall = (depth: number): MeanChange =>
    meanChange(before, after, (rank) => (rank <= depth ? 1 : 0), grouping, 1);
  return {
    recallAt1: recall(1),
    recallAt5: recall(5),
    recallAt10: recall(10),
    meanRank: meanChange(before, after, (rank) => rank, grouping, 1),
    medianRank: { kind: 'median', before, after, units: grouping.groupOf },
  };
}

function meanChange(
  before: Int32Array | Float64Array,
  after: Int32Array | Float64Array,
  value: (measured: number) => number,
  { groupOf, counts }: Grouping,
  leastChange: number | null,
): MeanChange {
  const differences = new Float64Array(counts.length);
  groupOf.forEach((group, query) => {
    differences[group]! += value(after[query]!) - value(before[query]!);
  });
  return { kind: 'mean', differences, counts, leastChange };
}
