import { bestTrial, reached } from '../../sweeps/course';
import type { Sweep } from '../../sweeps/types';

/** A trial that was measured, in the order of beginning. */
export interface HistoryPoint {
  /** Of the trial, from 0. */
  readonly number: number;
  readonly value: number;
  /** What the best trial up to this one scored. */
  readonly best: number;
  /** It came as far as any, and was not cut short. */
  readonly farthest: boolean;
}

/** What trials scored where they came farthest, and the best up to each. */
export function historyOf(sweep: Sweep): readonly HistoryPoint[] {
  const top = Math.max(...sweep.trials.map(({ scores }) => scores.length));
  return sweep.trials.flatMap((trial, number) => {
    const value = reached(trial);
    if (value === null) return [];
    const best = bestTrial({ ...sweep, trials: sweep.trials.slice(0, number + 1) });
    const farthest = trial.scores.length === top && trial.state !== 'stopped';
    return [{ number, value, best: reached(sweep.trials[best ?? number] ?? trial) ?? value, farthest }];
  });
}
