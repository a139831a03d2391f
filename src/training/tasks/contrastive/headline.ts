import type { Interval, ChangeIntervals, RetrievalMetrics } from '../../../protocol/protocol';

/** The one number that stands for a result. */
export interface HeadlineMetric {
  readonly id: 'accuracy' | 'recall@1';
  readonly label: string;
  /** What it counts, for people. */
  readonly meaning: string;
  /** 0…1. */
  readonly of: (metrics: RetrievalMetrics) => number;
  readonly interval: (change: ChangeIntervals) => Interval;
}

const accuracy: HeadlineMetric = {
  id: 'accuracy',
  label: 'Accuracy',
  meaning: 'how many pictures find their own caption first, among all captions',
  of: ({ imageToText }) => imageToText.recallAt1,
  interval: ({ imageToText }) => imageToText.recallAt1,
};

const recallAt1: HeadlineMetric = {
  id: 'recall@1',
  label: 'Recall@1',
  meaning: 'how often the right picture, or the right caption, comes first; the mean of both directions',
  of: ({ imageToText, textToImage }) => (imageToText.recallAt1 + textToImage.recallAt1) / 2,
  interval: ({ bothRecallAt1 }) => bothRecallAt1,
};

/**
 * Whether captions are so few that they stand for classes: each is on two pictures or more on average. Then a single caption that looks for a
 * picture weighs at least twice as much as a picture that looks for a caption.
 */
export function fewCaptions({ captions, gallery }: Pick<RetrievalMetrics, 'captions' | 'gallery'>): boolean {
  return captions !== null && 2 * captions <= gallery;
}

/** What a result is told by: Recall@1 of both directions, or of pictures alone where captions are few. */
export function headlineMetric(metrics: RetrievalMetrics): HeadlineMetric {
  return fewCaptions(metrics) ? accuracy : recallAt1;
}

/**
 * How much better than guessing pictures find their captions: 0 for guessing, 1 where every picture finds its own first. The share of the wrong
 * captions that a guess would put first and the model does not; unlike recall it hardly depends on the size of the gallery. Null where it is not
 * known what guessing would reach.
 */
export function skill({ imageToText, guess }: Pick<RetrievalMetrics, 'imageToText' | 'guess'>): number | null {
  if (guess === null || guess.imageToText.meanRank <= 1) return null;
  return 1 - (imageToText.meanRank - 1) / (guess.imageToText.meanRank - 1);
}

/** Below it a model does little better than guessing: Seed CLIP has 0.26 on photographs of things and 0.04 on handwritten digits. */
const littleSkill = 0.4;
/** From it on a model is at home: Seed CLIP has 0.98 on emoji in a style that it has never seen. */
const muchSkill = 0.85;

/** What a base model knows of the pictures that it was measured on, as far as that matters to a recipe. */
export type Knowledge = 'little' | 'some' | 'much';

/** Null where it cannot be told. */
export function knowledgeOf(metrics: Pick<RetrievalMetrics, 'imageToText' | 'guess'>): Knowledge | null {
  const known = skill(metrics);
  if (known === null) return null;
  if (known < littleSkill) return 'little';
  return known >= muchSkill ? 'much' : 'some';
}
