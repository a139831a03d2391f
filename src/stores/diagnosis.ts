import { excludesZero } from '../training/statistics/bootstrap';
import { headlineMetric, knowledgeOf } from '../training/tasks/contrastive/headline';
import type { EvaluationMetrics, RetrievalMetrics } from '../protocol/protocol';
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
  readonly metrics: MetricColumns;
  readonly baseline: RetrievalMetrics | null;
  readonly evaluations: readonly EvaluationMetrics[];
  /** Upper bound of the logit scale in the recipe. */
  readonly maxLogitScale: number;
  readonly restoreBest: boolean;
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
    findClamped(curves),
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
function findStall({ metrics, evaluations, restoreBest }: RunCurves): Finding | null {
  const newest = evaluations.at(-1);
  if (newest === undefined) return null;
  let best = 0;
  // A gain of less than half a per cent is noise.
  for (const [index, { loss }] of evaluations.entries())
    if (loss < (evaluations[best]?.loss ?? 0) * 0.995) best = index;
  const lowest = evaluations[best] as EvaluationMetrics;
  if (evaluations.length - 1 - best < patience) return null;
  const before = meanLoss(metrics, lowest.step);
  const now = meanLoss(metrics, newest.step);
  if (before === null || now === null || !(now < before * 0.98)) return null;
  const rising = newest.loss > lowest.loss * 1.05;
  return {
    id: rising ? 'overfitting' : 'flat',
    tone: 'warning',
    title: `Validation loss has ${rising ? 'risen' : 'been flat'} since step ${lowest.step}`,
    text: `while training loss still falls: the model learns these pictures by heart. ${restoreBest ? 'The best point is kept.' : 'The recipe does not keep the best point.'}`,
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

function findBelowBase({ baseline, evaluations }: RunCurves): Finding | null {
  if (baseline === null || evaluations.length < 3) return null;
  const { label, of, interval } = headlineMetric(baseline);
  const lost = (evaluation: EvaluationMetrics): boolean =>
    of(evaluation) < of(baseline) && evaluation.change !== null && excludesZero(interval(evaluation.change));
  if (!evaluations.slice(-3).every(lost)) return null;
  return {
    id: 'below-base',
    tone: 'warning',
    title: `${label} is below the base model.`,
    text: 'The model forgets more than it learns. A lower learning rate or fewer trained layers usually help.',
    action: null,
  };
}

/** A base model that knows so little of the pictures that training has hardly anything to build on. */
function findNearChance({ baseline }: RunCurves): Finding | null {
  if (baseline === null || knowledgeOf(baseline) !== 'little') return null;
  const { label, of } = headlineMetric(baseline);
  return {
    id: 'near-chance',
    tone: 'info',
    title: 'The base model does little better than guessing here.',
    text: `Its ${label} on the validation pictures is ${(100 * of(baseline)).toFixed(1)} %. What these pictures need has to be learnt from them alone; a base model that knows such pictures would go further.`,
    action: null,
  };
}

/** Large steps with a base model that is at home with the pictures: most of what they change was good as it was. */
function findForgetting({ baseline, evaluations, forgets, restoreBest }: RunCurves): Finding | null {
  if (baseline === null || !forgets || knowledgeOf(baseline) !== 'much') return null;
  // Once there are evaluations, they tell what became of it.
  if (evaluations.length > 2) return null;
  const { label, of } = headlineMetric(baseline);
  return {
    id: 'forgets',
    tone: 'warning',
    title: `The base model already does well: ${label} ${(100 * of(baseline)).toFixed(1)} %.`,
    text: `This recipe takes large steps with most of its layers, which is for pictures unlike all that a model knows; here it is likely to forget more than it learns. ${restoreBest ? 'The best point is kept, be it the base model. ' : ''}The preset “Everything” is gentler.`,
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

function findClamped({ metrics, maxLogitScale }: RunCurves): Finding | null {
  const scale = metrics.last('logitScale');
  if (scale === null || scale < maxLogitScale * 0.999) return null;
  return {
    id: 'clamped',
    tone: 'info',
    title: `The logit scale is at its bound of ${maxLogitScale}.`,
    text: 'The model would be more certain still, often a sign that it knows the training pictures by heart.',
    action: null,
  };
}
