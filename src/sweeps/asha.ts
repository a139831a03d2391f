import { rungShares, type SweepMethod, type Trial } from './types';

/**
 * Asynchronous successive halving (Li et al. 2020, arXiv 1810.05934, algorithm 2), as one trainer goes through it: whenever it is free, the
 * uppermost rung is looked for a trial that belongs to the best 1/η of those that have come there and has not gone on yet; where there is none on
 * any rung, a new trial begins at the lowest.
 *
 * Trials share one schedule of the learning rate: that of the full length. A rung cuts it off, and who goes on takes it up where it was.
 */

/** What a trial scored at a rung; nothing is worse than a trial that failed on its way there, or whose score is no number. */
function valueAt({ scores }: Trial, rung: number, more: boolean): number {
  const value = scores[rung]?.value ?? null;
  if (value === null) return -Infinity;
  return more ? value : -value;
}

/** Whether a trial counts among those at a rung: it has come there, or it failed on the way. */
function came({ scores, state }: Trial, rung: number): boolean {
  return scores.length > rung || (state === 'failed' && scores.length === rung);
}

/**
 * Number of the trial that is to go on to its next rung; null where none is.
 *
 * @param more whether more is better
 */
export function promotable(trials: readonly Trial[], method: SweepMethod, more: boolean): number | null {
  if (method.type !== 'asha') return null;
  for (let rung = method.rungs - 2; rung >= 0; rung--) {
    const here = trials.flatMap((trial, number) => (came(trial, rung) ? [{ trial, number }] : []));
    const best = [...here]
      .sort((a, b) => order(valueAt(a.trial, rung, more), valueAt(b.trial, rung, more)))
      .slice(0, Math.floor(here.length / method.reduction));
    const found = best.find(
      ({ trial }) =>
        trial.state === 'waiting' && trial.scores.length === rung + 1 && valueAt(trial, rung, more) > -Infinity,
    );
    if (found !== undefined) return found.number;
  }
  return null;
}

/** Best first; infinities may be equal. */
function order(a: number, b: number): number {
  return a === b ? 0 : b - a;
}

/** How many whole runs a number of trials come to, where each goes as far as the method lets it. */
export function runsWorth(method: SweepMethod, trials: number): number {
  const shares = rungShares(method);
  let [worth, left, before] = [0, trials, 0];
  for (const share of shares) {
    worth += left * (share - before);
    before = share;
    left = method.type === 'asha' ? Math.floor(left / method.reduction) : left;
  }
  return worth;
}
