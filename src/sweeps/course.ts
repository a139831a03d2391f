import { withFields } from '../recipe/fields';
import type { Recipe } from '../recipe/schema';
import type { Run } from '../runs/types';
import { stepAtShare } from '../training/data/plan';
import { promotable } from './asha';
import { isBetter, measuredBy, objectiveOf, scoreOf } from './objective';
import { nextValues, type Values } from './suggest';
import { rungShares, type Sweep, type SweepPlan, type Trial } from './types';

/** The course of a sweep: what comes next, and what becomes of it when a trial has ended. All of it follows from the record alone. */

/** What a sweep does next. */
export type NextStep =
  /** A trial was interrupted, and goes on to the rung that it was on its way to. */
  | { readonly kind: 'take-up'; readonly number: number }
  /** A trial goes on from its rung to the next. */
  | { readonly kind: 'promote'; readonly number: number }
  | { readonly kind: 'begin'; readonly values: Values }
  | { readonly kind: 'end'; readonly why: string };

/** Whether more of a sweep's objective is better; before it is known there is nothing to compare. */
function moreIsBetter(sweep: Sweep): boolean {
  return measuredBy(sweep)?.better !== 'less';
}

/** Seconds of training that the trials of a sweep have taken. */
export function secondsSpent({ trials }: Pick<Sweep, 'trials'>): number {
  return trials.reduce((sum, { seconds }) => sum + seconds, 0);
}

/** What a sweep does next. Whoever asks has let the trial in progress come to its end or its rung. */
export function nextStep(sweep: Sweep): NextStep {
  const { trials, method, budget } = sweep;
  const interrupted = trials.findIndex(({ state }) => state === 'running');
  if (interrupted >= 0) return { kind: 'take-up', number: interrupted };
  if (budget.unit === 'minutes' && secondsSpent(sweep) >= 60 * budget.amount) {
    return { kind: 'end', why: `Its ${budget.amount === 1 ? 'minute is' : `${budget.amount} minutes are`} over.` };
  }
  const promoted = promotable(trials, method, moreIsBetter(sweep));
  if (promoted !== null) return { kind: 'promote', number: promoted };
  if (budget.unit === 'runs' && trials.length >= budget.amount) {
    return {
      kind: 'end',
      why: budget.amount === 1 ? 'Its trial has ended.' : `All ${budget.amount} trials have ended.`,
    };
  }
  const values = nextValues(
    sweep,
    trials.map((trial) => trial.values),
  );
  return values === null ? { kind: 'end', why: 'All combinations have been tried.' } : { kind: 'begin', values };
}

/** The recipe of a trial. */
export function trialRecipe({ recipe }: Pick<SweepPlan, 'recipe'>, values: Values): Recipe {
  // Ranges were checked against the fields that they are of.
  return withFields(recipe, values);
}

/** The share of its length to which a trial goes next. */
export function nextShare({ method }: Pick<SweepPlan, 'method'>, { scores }: Pick<Trial, 'scores'>): number {
  return rungShares(method)[scores.length] ?? 1;
}

/** A sweep with one trial changed. */
export function withTrial(sweep: Sweep, number: number, change: Partial<Trial>): Sweep {
  return { ...sweep, trials: sweep.trials.map((trial, index) => (index === number ? { ...trial, ...change } : trial)) };
}

/** A sweep with a trial that begins. */
export function withNewTrial(sweep: Sweep, values: Values, runId: string): Sweep {
  const trial: Trial = { runId, values, state: 'running', scores: [], seconds: 0, message: '' };
  return { ...sweep, trials: [...sweep.trials, trial] };
}

/** How the run of a trial has ended, as the page heard of it. */
export interface TrialEnd {
  readonly reason: 'finished' | 'stopped' | 'early-stopping' | 'failed' | 'interrupted';
  readonly message: string;
  /** As it is stored; null where it came to no record, or was deleted. */
  readonly run: Run | null;
}

/** A sweep after the run of one of its trials has ended. */
export function settled(sweep: Sweep, number: number, { reason, message, run }: TrialEnd): Sweep {
  const trial = sweep.trials[number];
  if (trial === undefined) return sweep;
  const seconds = Math.max(trial.seconds, run?.seconds ?? 0);
  const end = { seconds, message };
  if (reason === 'failed' || reason === 'interrupted') return withTrial(sweep, number, { ...end, state: 'failed' });
  if (run === null) return withTrial(sweep, number, { ...end, state: 'stopped' });
  const measured = run.evaluations.at(-1)?.metrics ?? run.baseline;
  const objective = measuredBy(sweep) ?? (measured === null ? null : objectiveOf(sweep, measured));
  const found = objective === null ? null : scoreOf(run, objective);
  const scores = [...trial.scores, found ?? { step: run.stepsDone, value: null }];
  const atEnd = reason !== 'stopped' || scores.length >= rungShares(sweep.method).length;
  const rung = stepAtShare(
    { totalSteps: run.totalSteps, evaluateEvery: run.plan?.evaluateEvery ?? 0 },
    nextShare(sweep, trial),
  );
  // By hand, or as weak.
  const cut = reason === 'stopped' && run.stepsDone < rung;
  const state = cut ? 'stopped' : atEnd ? 'finished' : 'waiting';
  return { ...withTrial(sweep, number, { ...end, scores, state }), measuredBy: objective?.name ?? sweep.measuredBy };
}

/** What a trial scored where it came farthest; null where it came to nothing. */
export function reached({ scores }: Pick<Trial, 'scores'>): number | null {
  return scores.at(-1)?.value ?? null;
}

/**
 * Number of the best trial: of those that came as far as any; null while there is none. What was measured on a lower rung is not held against what
 * was measured at the end.
 */
export function bestTrial(sweep: Sweep): number | null {
  const objective = measuredBy(sweep);
  if (objective === null) return null;
  let best: number | null = null;
  for (const [number, trial] of sweep.trials.entries()) {
    if (reached(trial) === null) continue;
    const before = best === null ? null : (sweep.trials[best] ?? null);
    const farther = before === null ? 1 : trial.scores.length - before.scores.length;
    if (farther > 0 || (farther === 0 && isBetter(objective, reached(trial), before && reached(before)))) best = number;
  }
  return best;
}
