import type { Evaluation } from '../protocol/protocol';
import type { Recipe } from '../recipe/schema';
import type { TaskDescription } from '../tasks/description';
import {
  excludesZero,
  intervalOf,
  lossMetric,
  metricText,
  valueOf,
  type MetricDescription,
  type Metrics,
} from '../tasks/metrics';
import type { MetricColumns } from './metricColumns';

/** Something about a run that its owner would want to know, found in its curves. */
export interface Finding {
  readonly id: 'not-finite' | 'flat' | 'overfitting' | 'below-base' | 'near-chance' | 'forgets' | 'spikes' | 'clamped';
  readonly tone: 'warning' | 'info';
  readonly title: string;
  readonly text: string;
  /** What the page may offer next to it. */
  readonly action: 'stop' | null;
}

export interface RunCurves {
  /** What the run teaches. */
  readonly task: TaskDescription;
  readonly recipe: Recipe;
  readonly metrics: MetricColumns;
  readonly baseline: Metrics | null;
  readonly evaluations: readonly Evaluation[];
  /** The recipe changes most of the model in large steps. */
  readonly forgets: boolean;
}

/** Evaluations without a better validation loss after which the curve counts as flat. */
const patience = 4;

/** What the curves of a run give away, most pressing first. Judges only what is there; a run has to be a few evaluations old. */
export function diagnose(curves: RunCurves): Finding[] {
  const notFinite = findNotFinite(curves.metrics);
  if (notFinite !== null) return [notFinite];
  return [
    findStall(curves),
    findBelowBase(curves),
    findNearChance(curves),
    findForgetting(curves),
    findSpikes(curves.metrics),
    ...findBounds(curves),
  ].filter((finding) => finding !== null);
}

function findNotFinite(metrics: MetricColumns): Finding | null {
  const place = metrics.column('loss').findIndex((loss) => !Number.isFinite(loss));
  if (place < 0) return null;
  return {
    id: 'not-finite',
    tone: 'warning',
    title: `The loss is no longer a number since step ${metrics.column('step')[place] as number}.`,
    text: 'Training has diverged. Stop, and try a learning rate ten times lower or a longer warm-up.',
    action: 'stop',
  };
}

/** Validation loss that has stopped falling, or rises, while training loss still falls. */
function findStall({ metrics, evaluations, recipe }: RunCurves): Finding | null {
  const newest = evaluations.at(-1);
  if (newest === undefined) return null;
  const losses = evaluations.map((evaluation) => evaluation.metrics[lossMetric] ?? NaN);
  let best = 0;
  // A gain of less than half a per cent is noise.
  for (const [index, loss] of losses.entries()) if (loss < (losses[best] ?? 0) * 0.995) best = index;
  const lowest = evaluations[best] ?? newest;
  if (evaluations.length - 1 - best < patience) return null;
  const before = meanLoss(metrics, lowest.step);
  const now = meanLoss(metrics, newest.step);
  if (before === null || now === null || !(now < before * 0.98)) return null;
  const rising = (losses.at(-1) ?? NaN) > (losses[best] ?? NaN) * 1.05;
  return {
    id: rising ? 'overfitting' : 'flat',
    tone: 'warning',
    title: `Validation loss has ${rising ? 'risen' : 'been flat'} since step ${lowest.step}`,
    text: `while training loss still falls: the model learns these pictures by heart. ${recipe.restoreBest ? 'The best point is kept.' : 'The recipe does not keep the best point.'}`,
    action: 'stop',
  };
}

/** Mean training loss over the last 5 % of steps up to `step`, at least 5. */
function meanLoss(metrics: MetricColumns, step: number): number | null {
  const steps = metrics.column('step');
  let end = steps.length;
  while (end > 0 && (steps[end - 1] as number) > step) end--;
  const from = Math.max(0, end - Math.max(5, Math.round(end * 0.05)));
  if (end === from) return null;
  const window = metrics.column('loss').subarray(from, end);
  return window.reduce((sum, loss) => sum + loss, 0) / window.length;
}

function findBelowBase({ task, baseline, evaluations }: RunCurves): Finding | null {
  if (baseline === null || evaluations.length < 3) return null;
  const headline = task.headline(baseline);
  const { label, better } = headline;
  const lost = ({ metrics, change }: Evaluation): boolean => {
    const [now, before] = [valueOf(metrics, headline), valueOf(baseline, headline)];
    const interval = intervalOf(change, headline);
    return (better === 'more' ? now < before : now > before) && interval !== null && excludesZero(interval);
  };
  if (!evaluations.slice(-3).every(lost)) return null;
  return {
    id: 'below-base',
    tone: 'warning',
    title: `${label} is ${better === 'more' ? 'below' : 'above'} the base model.`,
    text: 'The model forgets more than it learns. A lower learning rate or fewer trained layers usually help.',
    action: null,
  };
}

/** A base model that knows so little of the pictures that training has hardly anything to build on. */
function findNearChance({ task, baseline }: RunCurves): Finding | null {
  if (baseline === null || task.knowledge(baseline) !== 'little') return null;
  const { label, text } = shown(task.headline(baseline), baseline);
  return {
    id: 'near-chance',
    tone: 'info',
    title: 'The base model does little better than guessing here.',
    text: `Its ${label} on the validation pictures is ${text}. What these pictures need has to be learnt from them alone; a base model that knows such pictures would go further.`,
    action: null,
  };
}

/** Large steps with a base model that is at home with the pictures: most of what they change was good as it was. */
function findForgetting({ task, recipe, baseline, evaluations, forgets }: RunCurves): Finding | null {
  if (baseline === null || !forgets || task.knowledge(baseline) !== 'much') return null;
  // Once there are evaluations, they tell what became of it.
  if (evaluations.length > 2) return null;
  const { label, text } = shown(task.headline(baseline), baseline);
  return {
    id: 'forgets',
    tone: 'warning',
    title: `The base model already does well: ${label} ${text}.`,
    text: `This recipe takes large steps with most of its layers, which is for pictures unlike all that a model knows; here it is likely to forget more than it learns. ${recipe.restoreBest ? 'The best point is kept, be it the base model. ' : ''}The preset “Everything” is gentler.`,
    action: 'stop',
  };
}

/** Gradients that keep leaping to many times their usual size. */
function findSpikes(metrics: MetricColumns): Finding | null {
  const recent = metrics.column('gradNorm').slice(-200);
  if (recent.length < 50) return null;
  const median = [...recent].sort((a, b) => a - b)[recent.length >> 1] as number;
  const leaps = recent.reduce((count, norm) => count + (norm > median * 10 ? 1 : 0), 0);
  if (leaps < 3) return null;
  return {
    id: 'spikes',
    tone: 'info',
    title: `The gradient norm leapt ${leaps} times in the last ${recent.length} steps.`,
    text: 'Gradient clipping contains this; a lower learning rate or a larger batch calms it.',
    action: null,
  };
}

/** Numbers of steps that have reached a bound of the recipe. */
function findBounds({ task, recipe, metrics }: RunCurves): Finding[] {
  return task.stepMetrics.flatMap(({ name, atBound }): Finding[] => {
    const value = metrics.last(name);
    if (atBound === undefined || value === null) return [];
    const bound = atBound.bound(recipe);
    if (!(value >= bound * 0.999)) return [];
    return [{ id: 'clamped', tone: 'info', title: atBound.title(bound), text: atBound.text, action: null }];
  });
}

function shown(metric: MetricDescription, metrics: Metrics): { readonly label: string; readonly text: string } {
  return { label: metric.label, text: metricText(metric, valueOf(metrics, metric)) };
}
