import type { SessionState } from './state';
import { lossMetric, valueOf, type MetricDescription, type Metrics } from '../../tasks/metrics';

/** What decides as a number of which more is better. */
function scoreOf(metrics: Metrics, deciding: MetricDescription): number {
  const value = valueOf(metrics, deciding);
  return deciding.better === 'more' ? value : -value;
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
    /** The metric that decides, among those that were measured. */
    private readonly deciding: (metrics: Metrics) => MetricDescription,
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
  take(step: number, metrics: Metrics): boolean {
    const score = scoreOf(metrics, this.deciding(metrics));
    const loss = metrics[lossMetric] ?? NaN;
    const { best } = this;
    const better = best === null || score > best.score || (score === best.score && loss < best.loss);
    if (step > 0) {
      // An equal score with a lower loss makes better weights, but is no progress that patience would count.
      this.without = score > this.reached ? 0 : this.without + 1;
      this.reached = Math.max(this.reached, score);
    }
    if (better) this.best = { step, score, loss };
    return better;
  }

  /** Knows of weights that were found best by an evaluation to come: of a run that goes on from before it. It is no progress. */
  hold(step: number, metrics: Metrics): void {
    this.best = { step, score: scoreOf(metrics, this.deciding(metrics)), loss: metrics[lossMetric] ?? NaN };
  }

  /** Patience counts from here on. */
  renewPatience(): void {
    this.without = 0;
  }

  /** Its weights are kept no more, so that whatever is measured next is the best. */
  forgetBest(): void {
    this.best = null;
  }

  snapshot(): SessionState['selection'] {
    const { best, reached, without } = this;
    const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);
    return { best: best && { ...best, loss: finite(best.loss) }, reached: finite(reached), without };
  }

  restore({ best, reached, without }: SessionState['selection']): void {
    this.best = best && { ...best, loss: best.loss ?? NaN };
    this.reached = reached ?? -Infinity;
    this.without = without;
  }
}
