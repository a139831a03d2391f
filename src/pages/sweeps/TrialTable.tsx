import { useMemo, useState } from 'react';
import { Link, useLocation } from 'wouter';
import { Button } from '../../components/Button';
import { Card } from '../../components/Card';
import { ColumnHeading } from '../../components/ColumnHeading';
import { cx } from '../../components/cx';
import { duration, percent } from '../../components/format';
import rowStyles from '../../components/rows.module.css';
import { infoOf } from '../../recipe/describe';
import { useRunStore } from '../../stores/run';
import { bestTrial } from '../../sweeps/course';
import { valueText } from '../../sweeps/fields';
import { measuredBy } from '../../sweeps/objective';
import type { Sweep, Trial } from '../../sweeps/types';
import { sortedTrials, type TrialOrder } from './trialOrder';
import { scoreText, trialStand } from './words';
import spoken from '../../components/spoken.module.css';
import styles from './TrialTable.module.css';

interface TrialTableProps {
  readonly sweep: Sweep;
}

/** All trials with their values and scores; chosen ones are compared as any runs are. */
export function TrialTable({ sweep }: TrialTableProps) {
  const [, navigate] = useLocation();
  const [order, setOrder] = useState<TrialOrder>({ by: 'trial', descending: false });
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const runs = useRunStore((state) => state.runs);
  const names = useMemo(() => new Map(runs?.map(({ id, name }) => [id, name])), [runs]);
  const rows = useMemo(() => sortedTrials(sweep, order), [sweep, order]);
  const best = bestTrial(sweep);
  const compared = chosen.filter((id) => names.has(id));
  const metric = measuredBy(sweep);
  const heading = (by: TrialOrder['by'], title: string, number = false) => (
    <ColumnHeading
      title={title}
      number={number}
      sorted={order.by !== by ? null : order.descending ? 'descending' : 'ascending'}
      onSort={() => setOrder({ by, descending: order.by === by ? !order.descending : number })}
    />
  );
  return (
    <Card
      title="Trials"
      actions={
        <Button
          size="s"
          disabledReason={compared.length < 2 ? 'Choose two trials or more.' : null}
          onClick={() => navigate(`/runs/compare/${compared.join('+')}`)}
        >
          {compared.length < 2 ? 'Compare' : `Compare ${compared.length}`}
        </Button>
      }
    >
      {sweep.trials.length === 0 ? (
        <p className={styles['muted']}>The first begins as soon as nothing else is training.</p>
      ) : (
        <div className={rowStyles['scroll']}>
          <table className={cx(rowStyles['table'], styles['table'])}>
            <thead>
              <tr>
                <th scope="col">
                  <span className={spoken['spoken']}>Chosen</span>
                </th>
                {heading('trial', 'Trial')}
                {sweep.fields.map(({ key }) => (
                  <FieldHeading key={key}>{heading(key, infoOf(key, sweep.recipe).label, true)}</FieldHeading>
                ))}
                {heading('score', metric?.label ?? 'Score', true)}
                <th scope="col">State</th>
                {heading('time', 'Time', true)}
              </tr>
            </thead>
            <tbody>
              {rows.map(({ trial, number }) => (
                <tr key={number} className={cx(number === best && styles['best'])}>
                  <td>
                    {names.has(trial.runId) && (
                      <input
                        type="checkbox"
                        aria-label={`Choose trial ${number + 1}`}
                        checked={chosen.includes(trial.runId)}
                        onChange={({ target }) =>
                          setChosen(
                            target.checked ? [...chosen, trial.runId] : chosen.filter((runId) => runId !== trial.runId),
                          )
                        }
                      />
                    )}
                  </td>
                  <th scope="row">
                    {number + 1}{' '}
                    {names.has(trial.runId) && <Link href={`/runs/${trial.runId}`}>{names.get(trial.runId)}</Link>}
                  </th>
                  {sweep.fields.map(({ key }) => (
                    <td key={key} className={rowStyles['number']}>
                      {trial.values[key] === undefined ? '–' : valueText(key, trial.values[key], sweep.recipe)}
                    </td>
                  ))}
                  <td className={cx(rowStyles['number'], styles['score'])}>
                    {scoreText(sweep, trial)}
                    {number === best && <span className={styles['tag']}>best</span>}
                  </td>
                  <td title={trial.message}>
                    <Stand sweep={sweep} trial={trial} />
                  </td>
                  <td className={rowStyles['number']}>{trial.seconds > 0 ? duration(trial.seconds) : '–'}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Card>
  );
}

/** Where a trial stands; one in progress in this tab with its share of steps. */
function Stand({ sweep, trial }: { readonly sweep: Sweep; readonly trial: Trial }) {
  const active = useRunStore((state) => (state.active?.runId === trial.runId ? state.active : null));
  if (trial.state === 'running' && active !== null && active.totalSteps > 0) {
    return <>in progress, {percent(active.step / active.totalSteps, 0)}</>;
  }
  return (
    <span className={trial.state === 'failed' ? styles['failed'] : undefined}>
      {trialStand(sweep, trial)}
      {trial.state === 'failed' && trial.message !== '' && <small>{trial.message}</small>}
    </span>
  );
}

/** Keeps the key of a list on what `heading` gives. */
function FieldHeading({ children }: { readonly children: React.ReactNode }) {
  return children;
}
