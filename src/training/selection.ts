import type { Recipe } from '../recipe/schema';
import type { RetrievalMetrics } from './protocol';

/** What a recipe calls best, as a number of which more is better. */
export function selectionScore(metrics: RetrievalMetrics, by: Recipe['selectionMetric']): number {
  const { imageToText, textToImage, loss } = metrics;
  switch (by) {
    case 'recall@1':
      return (imageToText.recallAt1 + textToImage.recallAt1) / 2;
    case 'recall@5':
      return (imageToText.recallAt5 + textToImage.recallAt5) / 2;
    case 'recall@10':
      return (imageToText.recallAt10 + textToImage.recallAt10) / 2;
    case 'validation-loss':
      return -loss;
    default:
      return by satisfies never;
  }
}

/** Keeps track of the best evaluation and of how long there has been none better. Between equal scores the lower loss wins. */
export class Selection {
  private best: { readonly step: number; readonly score: number; readonly loss: number } | null = null;
  private without = 0;

  constructor(
    private readonly by: Recipe['selectionMetric'],
    private readonly patience: number | null,
  ) {}

  get bestStep(): number | null {
    return this.best?.step ?? null;
  }

  /** True when as many evaluations as the patience allows have passed without a better one. */
  get exhausted(): boolean {
    return this.patience !== null && this.without >= this.patience;
  }

  /** Takes in an evaluation; true when it is the best so far. */
  take(step: number, metrics: RetrievalMetrics): boolean {
    const score = selectionScore(metrics, this.by);
    const { best } = this;
    const better = best === null || score > best.score || (score === best.score && metrics.loss < best.loss);
    // Equal recall with a lower loss makes better weights, but is no progress that patience would count.
    this.without = best === null || score > best.score ? 0 : this.without + 1;
    if (better) this.best = { step, score, loss: metrics.loss };
    return better;
  }
}
