import type { Task } from '../../recipe/schema';
import { fewCaptions } from '../tasks/contrastive/headline';
import type { RetrievalMetrics } from '../../protocol/protocol';

/** What decides, once it is known what there is to be measured on. */
export type DecidingMetric = Exclude<Task['selectionMetric'], 'auto'>;

/**
 * What a recipe calls best on the pictures that were measured. `auto` is the validation loss: every pair adds to it a little, so that it tells
 * small differences apart where recall jumps by whole pictures. Where few captions share many pictures, the words come close to being classes;
 * then it is the share of pictures that find their caption, since in the other direction a single caption weighs as much as all its pictures.
 */
export function decidingMetric(by: Task['selectionMetric'], metrics: RetrievalMetrics): DecidingMetric {
  if (by !== 'auto') return by;
  return fewCaptions(metrics) ? 'accuracy' : 'validation-loss';
}

/** What a recipe calls best, as a number of which more is better. */
export function selectionScore(metrics: RetrievalMetrics, by: Task['selectionMetric']): number {
  const { imageToText, textToImage, loss } = metrics;
  const deciding = decidingMetric(by, metrics);
  switch (deciding) {
    case 'accuracy':
      return imageToText.recallAt1;
    case 'recall@1':
      return (imageToText.recallAt1 + textToImage.recallAt1) / 2;
    case 'recall@5':
      return (imageToText.recallAt5 + textToImage.recallAt5) / 2;
    case 'recall@10':
      return (imageToText.recallAt10 + textToImage.recallAt10) / 2;
    case 'validation-loss':
      return -loss;
    default:
      return deciding satisfies never;
  }
}

interface Candidate {
  readonly step: number;
  readonly score: number;
  readonly loss: number;
}

/**
 * Keeps track of the best evaluation and of how long there has been none better. Between equal scores the lower loss wins. The base model is a
 * candidate like any other, as step 0; patience counts from the first trained weights on, since training often begins with a dip.
 */
export class Selection {
  private best: Candidate | null = null;
  /** Best score of trained weights. */
  private reached = -Infinity;
  private without = 0;

  constructor(
    private readonly by: Task['selectionMetric'],
    private readonly patience: number | null,
  ) {}

  /** 0 for the base model; null before the first evaluation. */
  get bestStep(): number | null {
    return this.best?.step ?? null;
  }

  /** True when as many evaluations as the patience allows have passed without a better one. */
  get exhausted(): boolean {
    return this.patience !== null && this.without >= this.patience;
  }

  /**
   * Takes in an evaluation; true when it is the best so far.
   *
   * @param step 0 for the base model
   */
  take(step: number, metrics: RetrievalMetrics): boolean {
    const score = selectionScore(metrics, this.by);
    const { best } = this;
    const better = best === null || score > best.score || (score === best.score && metrics.loss < best.loss);
    if (step > 0) {
      // Equal recall with a lower loss makes better weights, but is no progress that patience would count.
      this.without = score > this.reached ? 0 : this.without + 1;
      this.reached = Math.max(this.reached, score);
    }
    if (better) this.best = { step, score, loss: metrics.loss };
    return better;
  }
}
