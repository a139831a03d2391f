import { infoOf } from '../../recipe/describe';
import { secondsSpent, bestTrial, reached } from '../../sweeps/course';
import { valueText } from '../../sweeps/fields';
import { measuredBy } from '../../sweeps/objective';
import { rungShares, type Sweep, type SweepMethod, type Trial } from '../../sweeps/types';
import { metricText } from '../../tasks/metrics';

/** What is said of sweeps, on whichever page. */

/** How a sweep stands as this tab sees it. */
export type SweepStand = 'running' | 'elsewhere' | 'interrupted' | 'held' | 'ended';

/** @param here whether this tab, or another one, trains its trials */
export function standOf(
  { state }: Pick<Sweep, 'state'>,
  { driven, elsewhere }: { readonly driven: boolean; readonly elsewhere: boolean },
): SweepStand {
  if (driven) return 'running';
  if (elsewhere) return 'elsewhere';
  return state === 'running' ? 'interrupted' : state;
}

export const standText: Readonly<Record<SweepStand, string>> = {
  running: 'In progress',
  elsewhere: 'In progress in another tab',
  interrupted: 'Interrupted',
  held: 'Held',
  ended: 'Ended',
};

export function methodText(method: SweepMethod): string {
  switch (method.type) {
    case 'random':
      return 'Random search';
    case 'grid':
      return 'Grid';
    case 'asha':
      return `Successive halving (1 of ${method.reduction})`;
  }
}

/** How much of the budget is spent, 0…1. */
export function fractionSpent(sweep: Sweep): number {
  const { trials, budget } = sweep;
  const ended = trials.filter(({ state }) => state !== 'running').length;
  const spent = budget.unit === 'runs' ? ended : secondsSpent(sweep) / 60;
  return sweep.state === 'ended' ? 1 : Math.min(1, spent / budget.amount);
}

/** Where a trial stands: `in progress`, `waits at 11 %`, `finished`. */
export function trialStand({ method }: Sweep, { state, scores }: Trial): string {
  const share = rungShares(method)[scores.length - 1];
  const at = share === undefined ? '' : ` at ${Math.round(100 * share)} %`;
  switch (state) {
    case 'running':
      return 'in progress';
    case 'waiting':
      return `halted${at}`;
    case 'finished':
      return 'finished';
    case 'stopped':
      return 'stopped';
    case 'failed':
      return 'failed';
  }
}

/** What a trial scored where it came farthest, as it is shown; a dash where nothing. */
export function scoreText(sweep: Sweep, trial: Trial): string {
  const metric = measuredBy(sweep);
  const value = reached(trial);
  return metric === null || value === null ? '–' : metricText(metric, value);
}

/** The values of a trial in one line: `Learning rate 3e-4, Weight decay 0.05`. */
export function valuesText({ fields, recipe }: Sweep, { values }: Trial): string {
  return fields
    .flatMap(({ key }) => {
      const value = values[key];
      return value === undefined ? [] : [`${infoOf(key, recipe).label} ${valueText(key, value, recipe)}`];
    })
    .join(', ');
}

/** What a sweep has found, in a few words: `12 trials · best Accuracy 41.4 %`. */
export function foundText(sweep: Sweep): string {
  const number = bestTrial(sweep);
  const best = number === null ? null : (sweep.trials[number] ?? null);
  const metric = measuredBy(sweep);
  return best === null || metric === null ? '–' : `${metric.label} ${scoreText(sweep, best)}`;
}
