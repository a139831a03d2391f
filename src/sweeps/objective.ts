import type { RecipeKey } from '../recipe/fields';
import type { Run } from '../runs/types';
import { taskOf } from '../tasks';
import { lossMetric, valueOf, type MetricDescription, type Metrics } from '../tasks/metrics';
import type { Sweep, SweepPlan } from './types';

/** By what trials are told apart: always on the validation pictures. Test pictures judge what came of a sweep, and have no part in it. */

/** Fields that the validation loss is computed with: trials that differ in them have losses that say nothing about each other. */
const lossFields: ReadonlySet<RecipeKey> = new Set<RecipeKey>([
  'batchSize',
  'loss',
  'labelSmoothing',
  'maxLogitScale',
  'classLoss',
  'focus',
  'classWeights',
  'effectiveBeta',
  'numberLoss',
  'huberDelta',
  'labelConvention',
]);

/** Whether trials change what the validation loss means. */
export function changesLoss({ fields }: Pick<SweepPlan, 'fields'>): boolean {
  return fields.some(({ key }) => lossFields.has(key));
}

/** The metrics that may be chosen, in the task's order. */
export function objectives({ recipe }: Pick<SweepPlan, 'recipe'>): readonly MetricDescription[] {
  return taskOf(recipe).metrics.filter(({ of, costly = false }) => !costly && (of?.(recipe) ?? true));
}

/**
 * The metric that a sweep looks for: the chosen one, or the one by which its runs choose their best weights. Where that is the loss and the trials
 * change what the loss means, it is the one that results are told by.
 *
 * @param metrics what was measured of some trial, or of the base model
 */
export function objectiveOf(
  plan: Pick<SweepPlan, 'objective' | 'recipe' | 'fields'>,
  metrics: Metrics,
): MetricDescription {
  const task = taskOf(plan.recipe);
  const chosen = task.metrics.find(({ name }) => name === plan.objective);
  if (chosen !== undefined) return chosen;
  const deciding = task.deciding(plan.recipe, metrics);
  return deciding.name === lossMetric && changesLoss(plan) ? task.headline(metrics) : deciding;
}

/** The description of the metric that the trials of a sweep were measured by; null before the first. */
export function measuredBy({
  recipe,
  measuredBy: name,
}: Pick<Sweep, 'recipe' | 'measuredBy'>): MetricDescription | null {
  return taskOf(recipe).metrics.find((metric) => metric.name === name) ?? null;
}

/** What a run offers of a metric, and the step that it is of. */
export interface Score {
  readonly step: number;
  /** Null where it is no finite number. */
  readonly value: number | null;
}

/**
 * What the weights score that a run keeps: those of its best evaluation or of its last, as its recipe says. The base model is no result of a trial:
 * where no step was better than it, the best of the steps is meant all the same. Null before the first evaluation.
 */
export function scoreOf(
  run: Pick<Run, 'recipe' | 'evaluations' | 'bestStep'>,
  objective: MetricDescription,
): Score | null {
  const trained = run.evaluations.filter(({ step }) => step > 0);
  const last = trained.at(-1);
  if (last === undefined) return null;
  const found = run.recipe.restoreBest
    ? (trained.find(({ step }) => step === run.bestStep) ?? bestOf(trained, objective))
    : last;
  const value = valueOf(found.metrics, objective);
  return { step: found.step, value: Number.isFinite(value) ? value : null };
}

/** The best evaluation of some, the earlier of equal ones. */
function bestOf(evaluations: Run['evaluations'], objective: MetricDescription): Run['evaluations'][number] {
  return evaluations.reduce((best, each) =>
    isBetter(objective, valueOf(each.metrics, objective), valueOf(best.metrics, objective)) ? each : best,
  );
}

/** Whether a value is better than another; any number is better than none. */
export function isBetter(
  { better }: Pick<MetricDescription, 'better'>,
  value: number | null,
  than: number | null,
): boolean {
  if (value === null || Number.isNaN(value)) return false;
  if (than === null || Number.isNaN(than)) return true;
  return better === 'more' ? value > than : value < than;
}
