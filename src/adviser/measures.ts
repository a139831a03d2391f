import { taskOf } from '../tasks';
import { excludesZero, intervalOf, metricText, valueOf, type MetricDescription, type Metrics } from '../tasks/metrics';
import type { Evidence } from './evidence';
import { learnsToWriteAnew } from './losses';
import { fixOf, rateFix, type Advice } from './note';

/** What the base model gives away, against which all is measured, and what steps have run into. */

export function adviceOnMeasures(evidence: Evidence): readonly Advice[] {
  const found = [belowBase(evidence), nearChance(evidence), forgetting(evidence), spikes(evidence)];
  return [...found.filter((advice) => advice !== null), ...bounds(evidence)];
}

/** Evaluations in a row that have to be worse. */
const inARow = 3;

function belowBase(evidence: Evidence): Advice | null {
  const { recipe, baseline, evaluations } = evidence;
  if (baseline === null || evaluations.length < inARow || learnsToWriteAnew(evidence)) return null;
  const headline = taskOf(recipe).headline(baseline);
  const { label, better } = headline;
  const lost = ({ metrics, change }: Evidence['evaluations'][number]): boolean => {
    const [now, before] = [valueOf(metrics, headline), valueOf(baseline, headline)];
    const interval = intervalOf(change, headline);
    return (better === 'more' ? now < before : now > before) && interval !== null && excludesZero(interval);
  };
  if (!evaluations.slice(-inARow).every(lost)) return null;
  return {
    id: 'below-base',
    title: `${label} is ${better === 'more' ? 'below' : 'above'} the base model`,
    reason: 'The model forgets more than it learns. A lower learning rate or fewer trained layers usually help.',
    action: rateFix(evidence, 0.3),
  };
}

/** A base model that knows so little of the pictures that training has hardly anything to build on. */
function nearChance({ recipe, baseline }: Evidence): Advice | null {
  const task = taskOf(recipe);
  if (baseline === null || task.knowledge(baseline) !== 'little') return null;
  const { label, text } = shown(task.headline(baseline), baseline);
  return {
    id: 'near-chance',
    title: 'The base model does little better than guessing here',
    reason: `${label} on the validation pictures is ${text}. What these pictures need has to be learnt from them alone; a base model that knows such pictures would go further.`,
    action: { kind: 'go', label: 'Look for a base model', to: '/model' },
    mild: true,
  };
}

/** Large steps with a base model that is at home with the pictures: most of what they change was good as it was. */
function forgetting({ recipe, baseline, evaluations, forgets, over }: Evidence): Advice | null {
  const task = taskOf(recipe);
  if (baseline === null || !forgets || task.knowledge(baseline) !== 'much') return null;
  // Once there are evaluations, they tell what became of it.
  if (over || evaluations.length > 2) return null;
  const { label, text } = shown(task.headline(baseline), baseline);
  return {
    id: 'forgets',
    title: `The base model already does well: ${label} ${text}`,
    reason: `This recipe takes large steps with most of its layers, which is for pictures unlike all that a model knows; here it is likely to forget more than it learns. ${recipe.restoreBest ? 'The best point is kept, be it the base model. ' : ''}The preset “Everything” is gentler.`,
    action: { kind: 'fix', fix: { label: 'Use the preset “Everything”', preset: 'full' } },
    stop: true,
  };
}

/**
 * Steps of late that are looked at, the fewest that say anything, leaps among them that are too many, and steps before a leap and after it that it stands out
 * from: a norm that has grown, or has fallen, has not leapt.
 */
const [lookedAt, fewest, tooMany, near] = [200, 50, 3, 15];

/** Gradients that keep leaping to many times their usual size. */
function spikes(evidence: Evidence): Advice | null {
  const { gradNorm, recipe } = evidence;
  const from = Math.max(0, gradNorm.length - lookedAt);
  const recent = Array.from({ length: gradNorm.length - from }, (_, place) => gradNorm[from + place] as number);
  if (recent.length < fewest) return null;
  const usual = (begin: number, end: number): number => medianOf(recent.slice(Math.max(0, begin), end));
  const leaps = recent.filter(
    (norm, place) => norm > 10 * usual(place - near, place) && norm > 10 * usual(place + 1, place + 1 + near),
  );
  if (leaps.length < tooMany) return null;
  const clipped = recipe.maxGradNorm > 0;
  return {
    id: 'spikes',
    title: `The gradient norm leapt ${leaps.length} times in the last ${recent.length} steps`,
    reason: clipped
      ? 'Gradient clipping contains this; a lower learning rate or a larger batch calms it.'
      : 'Each leap changes the model more than all steps around it; clipping contains this.',
    action: clipped ? rateFix(evidence, 0.5) : fixOf(recipe, { label: 'Clip gradients', change: { maxGradNorm: 1 } }),
    mild: true,
  };
}

function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;
}

/** Numbers of steps that have reached a bound of the recipe. */
function bounds({ recipe, latest }: Evidence): readonly Advice[] {
  return taskOf(recipe).stepMetrics.flatMap(({ name, atBound }): readonly Advice[] => {
    const value = latest[name];
    if (atBound === undefined || value === undefined) return [];
    const bound = atBound.bound(recipe);
    if (!(value >= bound * 0.999)) return [];
    const title = atBound.title(bound).replace(/\.$/, '');
    const action = fixOf(recipe, { label: 'Stop early next time', change: { earlyStopping: true } });
    return [{ id: 'clamped', title, reason: atBound.text, action, mild: true }];
  });
}

function shown(metric: MetricDescription, metrics: Metrics): { readonly label: string; readonly text: string } {
  return { label: metric.label, text: metricText(metric, valueOf(metrics, metric)) };
}
