import type { Recipe } from '../../recipe/schema';
import type { Evaluation } from '../../protocol/training';
import { taskOf } from '../../tasks';
import type { TaskDescription } from '../../tasks/description';
import {
  excludesZero,
  intervalOf,
  metricText,
  valueOf,
  type Interval,
  type MetricChanges,
  type MetricDescription,
  type Metrics,
} from '../../tasks/metrics';

/** What a run has brought, on the validation pictures. */
export interface RunResult {
  readonly task: TaskDescription;
  readonly base: Metrics;
  readonly tuned: Evaluation;
}

/** The parts of a run that its result follows from. */
export interface Evaluated {
  readonly recipe: Recipe;
  readonly baseline: Metrics | null;
  readonly evaluations: readonly Evaluation[];
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
  const found = { task: taskOf(run.recipe), base: baseline };
  if (kept === 0) return { ...found, tuned: { step: 0, seconds: 0, metrics: baseline, change: null } };
  return { ...found, tuned: evaluations.find(({ step }) => step === kept) ?? last };
}

/** What decides which weights are best, in words: `accuracy 41.4 %`, `R@1 49.7 %`, `loss 0.84`. */
export function selectionText(recipe: Recipe, metrics: Metrics): [string, string] {
  const deciding = taskOf(recipe).deciding(recipe, metrics);
  return [deciding.short, metricText(deciding, valueOf(metrics, deciding))];
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

/** A result before and after, in parts: `Recall@1`, `35.0`, `47.1 %`, `+12.1 points`, `6.2 to 18.0`. */
export interface HeadlineChange {
  readonly label: string;
  readonly meaning: string;
  readonly before: string;
  /** With its unit, which stands for both. */
  readonly after: string;
  /** With its unit. */
  readonly gain: string;
  /** The same without. */
  readonly bareGain: string;
  /** 95 % interval of the gain; null where there is none. */
  readonly interval: string | null;
  /** Null where the change may be chance, or cannot be told from it. */
  readonly verdict: 'better' | 'worse' | null;
}

/** What of base and tuned model a headline is made of. */
export interface Compared {
  readonly task: Pick<TaskDescription, 'headline'>;
  readonly base: Metrics;
  readonly tuned: Metrics;
  readonly change: MetricChanges | null;
}

export function headlineChange({ task, base, tuned, change }: Compared): HeadlineChange {
  const metric = task.headline(base);
  const [before, after] = [valueOf(base, metric), valueOf(tuned, metric)];
  const { label, meaning = '', digits } = metric;
  const scale = scaleOf(metric);
  const interval = intervalOf(change, metric);
  const bareGain = signed(scale * (after - before), digits);
  return {
    label,
    meaning,
    before: (scale * before).toFixed(digits),
    after: metricText(metric, after),
    gain: metric.unit === 'share' ? `${bareGain} points` : bareGain,
    bareGain,
    interval: interval === null ? null : intervalText(interval, scale, digits),
    verdict: verdictOf(interval, metric.better === 'more'),
  };
}

/** By how much a metric is multiplied to be shown. */
export function scaleOf({ unit }: Pick<MetricDescription, 'unit'>): number {
  return unit === 'share' ? 100 : 1;
}

/** `headlineChange` of what a run has brought on the validation pictures. */
export function resultChange({ task, base, tuned }: RunResult): HeadlineChange {
  return headlineChange({ task, base, tuned: tuned.metrics, change: tuned.change });
}
