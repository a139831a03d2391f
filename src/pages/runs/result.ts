import type { Recipe } from '../../recipe/schema';
import { meanRecallAt1 } from '../../stores/liveRun';
import type { DirectionMetrics, EvaluationMetrics, RetrievalMetrics } from '../../training/protocol';

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
  if (kept === 0) return { base: baseline, tuned: { ...last, ...baseline, step: 0, seconds: 0 } };
  return { base: baseline, tuned: evaluations.find(({ step }) => step === kept) ?? last };
}

/** What decides which weights are best, in words: `R@1 49.7 %`, `loss 0.84`. */
export function selectionText(metric: Recipe['selectionMetric'], evaluation: RetrievalMetrics): [string, string] {
  if (metric === 'validation-loss') return ['loss', evaluation.loss.toFixed(3)];
  const [, at] = metric.split('@') as [string, '1' | '5' | '10'];
  const recall = { '1': 'recallAt1', '5': 'recallAt5', '10': 'recallAt10' } as const satisfies Record<
    string,
    keyof DirectionMetrics
  >;
  const { imageToText, textToImage } = evaluation;
  return [`R@${at}`, `${(50 * (imageToText[recall[at]] + textToImage[recall[at]])).toFixed(1)} %`];
}

/** So many pictures more or less may be chance. */
const chance = 2;

/** Whether a difference of shares (0…1), or of mean ranks, comes from so few of the pictures that it may be chance. */
export function mayBeChance(difference: number, pictures: number): boolean {
  // The margin covers the rounding of shares.
  return Math.abs(difference) * pictures <= chance + 1e-6;
}

/** A change with its sign, such as of percentage points: `+12.1`, `−3.0`, `±0`. */
export function signed(points: number, digits = 1): string {
  const rounded = points.toFixed(digits);
  if (Number(rounded) === 0) return '±0';
  return Number(rounded) > 0 ? `+${rounded}` : `−${rounded.slice(1)}`;
}

/** `35.0 → 47.1 % (+12.1)`: mean Recall@1 of both directions, in parts. */
export function recallChange({ base, tuned }: { base: RetrievalMetrics; tuned: RetrievalMetrics }): {
  readonly before: string;
  readonly after: string;
  readonly gain: string;
  /** Null where the change may be chance. */
  readonly verdict: 'better' | 'worse' | null;
} {
  const [before, after] = [100 * meanRecallAt1(base), 100 * meanRecallAt1(tuned)];
  const change = after - before;
  return {
    before: before.toFixed(1),
    after: after.toFixed(1),
    gain: signed(change),
    verdict: mayBeChance(change / 100, tuned.gallery) ? null : change > 0 ? 'better' : 'worse',
  };
}
