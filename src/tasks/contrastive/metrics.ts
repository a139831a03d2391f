import { lossMetric, type MetricDescription } from '../metrics';

/**
 * The metrics of retrieval. Those of one direction are called `textToImage.recallAt1` and so on; beside them stand `pictures` (among them a
 * caption looks for its own), `captions` (distinct ones, among them a picture looks for its own), `guess.…` (what guessing would reach) and
 * `lossPairs` (pairs that each pair was compared with for the loss, which is smaller for fewer).
 */

export type Direction = 'textToImage' | 'imageToText';

const share = { better: 'more', unit: 'share', digits: 1 } as const;

const recallOf = (direction: Direction, at: 1 | 5 | 10, shown: boolean): MetricDescription => ({
  ...share,
  name: `${direction}.recallAt${at}`,
  label: `Recall@${at}`,
  short: `R@${at}`,
  chart: {
    id: `${direction === 'textToImage' ? 'text-to-image' : 'image-to-text'}@${at}`,
    title: `Recall@${at}, ${direction === 'textToImage' ? 'words → picture' : 'picture → words'}`,
    shown,
  },
});

/** A median lies on a whole rank or half way between two. */
const rankOf = (direction: Direction, kind: 'mean' | 'median'): MetricDescription => ({
  name: `${direction}.${kind}Rank`,
  label: kind === 'mean' ? 'Mean rank' : 'Median rank',
  short: kind === 'mean' ? 'mean rank' : 'median rank',
  better: 'less',
  unit: 'number',
  digits: kind === 'mean' ? 2 : 1,
  trimmed: kind === 'median',
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
  rankOf('imageToText', 'mean'),
  rankOf('imageToText', 'median'),
  accuracy,
  recallAt1,
  recallOfBoth(5),
  recallOfBoth(10),
];

/** All metrics of one direction: recalls, then ranks. */
export function metricsOfDirection(direction: Direction): readonly MetricDescription[] {
  return metrics.filter(({ name }) => name.startsWith(`${direction}.`));
}
