import { Card } from '../../components/Card';
import { count, duration, plural } from '../../components/format';
import { NumberField } from '../../components/NumberField';
import { Segmented } from '../../components/Segmented';
import { useSweepDraft } from '../../stores/sweepDraft';
import { runsWorth } from '../../sweeps/asha';
import { combinations } from '../../sweeps/suggest';
import type { SweepPlan } from '../../sweeps/types';
import { planRun } from '../../training/data/plan';
import { timeBase, useRunTime } from '../useRunTime';
import { useSplitCounts } from '../useSplitCounts';
import styles from './NewSweepPage.module.css';

const units = [
  { value: 'runs', label: 'Trials' },
  { value: 'minutes', label: 'Minutes' },
] as const;

/** How much is spent, and what that comes to. */
export function BudgetCard({ plan }: { readonly plan: SweepPlan | null }) {
  const { budget, change } = useSweepDraft();
  return (
    <Card title="Budget">
      <div className={styles['row']}>
        <Segmented
          label="Counted in"
          value={budget.unit}
          options={units}
          onChange={(unit) => change({ budget: { unit, amount: unit === 'runs' ? 12 : 30 } })}
        />
        <div className={styles['amount']}>
          <NumberField
            aria-label={budget.unit === 'runs' ? 'Trials' : 'Minutes'}
            value={budget.amount}
            min={1}
            max={10_000}
            integer
            scale="log"
            onChange={(amount) => change({ budget: { ...budget, amount } })}
          />
        </div>
      </div>
      {plan !== null && <Estimate plan={plan} />}
    </Card>
  );
}

function Estimate({ plan }: { readonly plan: SweepPlan }) {
  const { trainPairs, validation } = useSplitCounts();
  const { known, timing } = useRunTime();
  const { budget, method } = plan;
  const steps = trainPairs < 2 ? null : planRun(plan.recipe, trainPairs, validation).totalSteps;
  const most = combinations(plan);
  const trials = budget.unit === 'runs' ? Math.min(budget.amount, most) : null;
  const worth = runsWorth(method, trials ?? 1);
  return (
    <div className={styles['estimate']}>
      {Number.isFinite(most) && <p>There are {plural(most, 'combination')}.</p>}
      {steps !== null && trials !== null && (
        <p>
          {plural(trials, 'trial')} of {plural(steps, 'step')}
          {method.type === 'asha' && `, most of them cut short: about as much as ${worth.toFixed(1)} whole runs`}.
        </p>
      )}
      {known === null ? (
        <p>{timing ? 'A few steps are being timed …' : 'How long that takes is known once a few steps were timed.'}</p>
      ) : trials === null ? (
        <p>
          A whole run takes about <b>{duration(known.time.total)}</b>: enough for about{' '}
          <b>{count(Math.max(1, Math.floor((60 * budget.amount) / known.time.total / worth)))}</b> trials.
        </p>
      ) : (
        <p>
          About <b>{duration(worth * known.time.total)}</b> in all, {timeBase(known)}, with the current recipe.
        </p>
      )}
      {budget.unit === 'minutes' && <p>A trial that has started may finish.</p>}
    </div>
  );
}
