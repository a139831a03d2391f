import { lossMetric, type MetricDescription } from '../metrics';

/**
 * The metrics of retrieval. Those of one direction are called `textToImage.recallAt1` and so on; beside them stand `pictures` (among them a
 * caption looks for its own), `captions` (distinct ones, among them a picture looks for its own), `guess.…` (what guessing would reach) and
 * `lossPairs` (pairs that each pair was compared with for the loss, which is smaller for fewer).
 */

export type Direction = 'textToImage' | 'imageToText';

const share = { better: 'more', unit: 'share', digits: 1 } as const;

const directionLabels = { textToImage: 'words → picture', imageToText: 'picture → words' } as const;

const recallOf = (direction: Direction, at: 1 | 5 | 10, shown: boolean): MetricDescription => ({
  ...share,
  name: `${direction}.recallAt${at}`,
  label: `Recall@${at}`,
  inFull: `Recall@${at}, ${directionLabels[direction]}`,
  short: `R@${at}`,
  meaning: at === 1 ? 'how often the right answer comes first' : `how often a right answer is among the first ${at}`,
  chart: {
    id: `${direction === 'textToImage' ? 'text-to-image' : 'image-to-text'}@${at}`,
    title: `Recall@${at}, ${directionLabels[direction]}`,
    shown,
  },
});

/** A median lies on a whole rank or half way between two. */
const rankOf = (direction: Direction, kind: 'mean' | 'median'): MetricDescription => ({
  name: `${direction}.${kind}Rank`,
  label: kind === 'mean' ? 'Mean rank' : 'Median rank',
  inFull: `${kind === 'mean' ? 'Mean rank' : 'Median rank'}, ${directionLabels[direction]}`,
  meaning: `where the right answer stands, ${kind === 'mean' ? 'on average' : 'for half of them or better'}; 1 is first`,
  short: kind === 'mean' ? 'mean rank' : 'median rank',
  better: 'less',
  unit: 'number',
  digits: kind === 'mean' ? 2 : 1,
  trimmed: kind === 'median',
  chart: null,
});

const rankings = {
  meanAveragePrecision: {
    label: 'mAP',
    meaning: 'mean average precision: of the answers down to each right one, how many are right',
  },
  meanReciprocalRank: {
    label: 'MRR',
    meaning: 'mean reciprocal rank: 1 for a right answer in first place, ½ in second',
  },
  ndcgAt10: {
    label: 'nDCG@10',
    meaning: 'how near the top the right answers stand among the first ten: 1 is all at the top, 0 is none among them',
  },
} as const;

/** How well all answers are ordered; shares in 0…1, as usual given as numbers. */
const rankingOf = (direction: Direction, kind: keyof typeof rankings): MetricDescription => ({
  ...rankings[kind],
  name: `${direction}.${kind}`,
  inFull: `${rankings[kind].label}, ${directionLabels[direction]}`,
  short: rankings[kind].label,
  better: 'more',
  unit: 'number',
  digits: 3,
  chart: null,
});

/** The mean of both directions. */
const recallOfBoth = (at: 1 | 5 | 10): MetricDescription => ({
  ...share,
  name: `recall@${at}`,
  label: `Recall@${at}`,
  short: `R@${at}`,
  meaning: 'how often the right picture, or the right caption, comes first; the mean of both directions',
  chart: null,
});

export const accuracy: MetricDescription = {
  ...share,
  name: 'accuracy',
  label: 'Accuracy',
  inFull: 'Accuracy, picture → words',
  short: 'accuracy',
  tag: 'acc',
  meaning: 'how many pictures find their own caption first, among all captions',
  chart: null,
};
export const recallAt1 = recallOfBoth(1);
export const loss: MetricDescription = {
  name: lossMetric,
  label: 'Validation loss',
  short: 'loss',
  better: 'less',
  unit: 'number',
  digits: 3,
  chart: { id: 'validation-loss', title: 'Validation loss', shown: true },
};

export const metrics: readonly MetricDescription[] = [
  loss,
  recallOf('textToImage', 1, true),
  recallOf('imageToText', 1, true),
  recallOf('textToImage', 5, false),
  recallOf('imageToText', 5, false),
  recallOf('textToImage', 10, false),
  recallOf('imageToText', 10, false),
  rankOf('textToImage', 'mean'),
  rankOf('textToImage', 'median'),
  rankingOf('textToImage', 'meanAveragePrecision'),
  rankingOf('textToImage', 'meanReciprocalRank'),
  rankingOf('textToImage', 'ndcgAt10'),
  rankOf('imageToText', 'mean'),
  rankOf('imageToText', 'median'),
  rankingOf('imageToText', 'meanAveragePrecision'),
  rankingOf('imageToText', 'meanReciprocalRank'),
  rankingOf('imageToText', 'ndcgAt10'),
  accuracy,
  recallAt1,
  recallOfBoth(5),
  recallOfBoth(10),
];

/** All metrics of one direction: recalls, ranks, and how well all answers are ordered. */
export function metricsOfDirection(direction: Direction): readonly MetricDescription[] {
  return metrics.filter(({ name }) => name.startsWith(`${direction}.`));
}
