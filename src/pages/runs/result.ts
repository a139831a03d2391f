import type { Recipe, Task } from '../../recipe/schema';
import { excludesZero } from '../../training/statistics/bootstrap';
import { headlineMetric } from '../../training/tasks/contrastive/headline';
import type {
  Interval,
  ChangeIntervals,
  DirectionMetrics,
  EvaluationMetrics,
  RetrievalMetrics,
} from '../../protocol/protocol';
import { decidingMetric } from '../../training/session/selection';

/** What a run has brought, on the validation pictures. */
export interface RunResult {
  readonly base: RetrievalMetrics;
  readonly tuned: EvaluationMetrics;
}

/** The parts of a run that its result follows from. */
export interface Evaluated {
  readonly recipe: Recipe;
  readonly baseline: RetrievalMetrics | null;
  readonly evaluations: readonly EvaluationMetrics[];
  readonly bestStep: number | null;
  /** Step of the stored weights, where that is known: a run that was interrupted may have been measured later than they were stored. */
  readonly weightsStep?: number | null;
}

/** The step whose weights the run goes back to at its end, as the recipe says; null where it keeps the last ones. */
export function restoredStep({ recipe, bestStep }: Pick<Evaluated, 'recipe' | 'bestStep'>): number | null {
  return recipe.restoreBest ? bestStep : null;
}

/**
 * The base model beside the weights that the run keeps (the best or the last, as the recipe says); null before the first evaluation. Where no step
 * was better than the base model, it stands on both sides.
 */
export function runResult(run: Evaluated): RunResult | null {
  const { baseline, evaluations, weightsStep } = run;
  const last = evaluations.at(-1);
  if (baseline === null || last === undefined) return null;
  const kept = restoredStep(run) ?? weightsStep ?? last.step;
  if (kept === 0) return { base: baseline, tuned: { ...baseline, step: 0, seconds: 0, change: null } };
  return { base: baseline, tuned: evaluations.find(({ step }) => step === kept) ?? last };
}

/** What decides which weights are best, in words: `accuracy 41.4 %`, `R@1 49.7 %`, `loss 0.84`. */
export function selectionText(metric: Task['selectionMetric'], evaluation: RetrievalMetrics): [string, string] {
  const deciding = decidingMetric(metric, evaluation);
  if (deciding === 'validation-loss') return ['loss', evaluation.loss.toFixed(3)];
  const { imageToText, textToImage } = evaluation;
  if (deciding === 'accuracy') return ['accuracy', `${(100 * imageToText.recallAt1).toFixed(1)} %`];
  const [, at] = deciding.split('@') as [string, '1' | '5' | '10'];
  const recall = { '1': 'recallAt1', '5': 'recallAt5', '10': 'recallAt10' } as const satisfies Record<
    string,
    keyof DirectionMetrics
  >;
  return [`R@${at}`, `${(50 * (imageToText[recall[at]] + textToImage[recall[at]])).toFixed(1)} %`];
}

/** A change with its sign, such as of percentage points: `+12.1`, `−3.0`, `±0`. */
export function signed(points: number, digits = 1): string {
  const rounded = points.toFixed(digits);
  if (Number(rounded) === 0) return '±0';
  return Number(rounded) > 0 ? `+${rounded}` : `−${rounded.slice(1)}`;
}

/** An interval of percentage points or ranks, `0.8 to 7.4`. */
export function intervalText({ low, high }: Interval, scale = 1, digits = 1): string {
  const bound = (value: number): string =>
    signed(scale * value, digits)
      .replace('+', '')
      .replace('±', '');
  return `${bound(low)} to ${bound(high)}`;
}

/** What a difference means: better or worse where its interval leaves out zero, else nothing that could be told from chance. */
export function verdictOf(interval: Interval | null, moreIsBetter = true): 'better' | 'worse' | null {
  if (interval === null || !excludesZero(interval)) return null;
  return interval.low > 0 === moreIsBetter ? 'better' : 'worse';
}

/** A result before and after, in parts: `Recall@1`, `35.0`, `47.1`, `+12.1`, `6.2 to 18.0`. */
export interface HeadlineChange {
  readonly label: string;
  readonly meaning: string;
  /** Per cent. */
  readonly before: string;
  readonly after: string;
  /** Percentage points. */
  readonly gain: string;
  /** 95 % interval of the gain in points; null where there is none. */
  readonly interval: string | null;
  /** Null where the change may be chance, or cannot be told from it. */
  readonly verdict: 'better' | 'worse' | null;
}

export function headlineChange({
  base,
  tuned,
  change,
}: {
  readonly base: RetrievalMetrics;
  readonly tuned: RetrievalMetrics;
  readonly change: ChangeIntervals | null;
}): HeadlineChange {
  const { label, meaning, of, interval } = headlineMetric(base);
  const [before, after] = [100 * of(base), 100 * of(tuned)];
  const bounds = change === null ? null : interval(change);
  return {
    label,
    meaning,
    before: before.toFixed(1),
    after: after.toFixed(1),
    gain: signed(after - before),
    interval: bounds === null ? null : intervalText(bounds, 100),
    verdict: verdictOf(bounds),
  };
}

/** `headlineChange` of what a run has brought on the validation pictures. */
export function resultChange({ base, tuned }: RunResult): HeadlineChange {
  return headlineChange({ base, tuned, change: tuned.change });
}
