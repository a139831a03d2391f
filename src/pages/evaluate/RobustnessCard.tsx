import { useState } from 'react';
import { Button } from '../../components/Button';
import { Card } from '../../components/Card';
import { cx } from '../../components/cx';
import figures from '../../components/figures.module.css';
import { Notice } from '../../components/Notice';
import { Progress } from '../../components/Progress';
import { Segmented } from '../../components/Segmented';
import { WideTable } from '../../components/WideTable';
import type { Requests } from '../../protocol/protocol';
import { useRobustness } from '../../stores/robustness';
import { tasks, type TaskId } from '../../tasks';
import { metricText, valueOf, type Metrics } from '../../tasks/metrics';
import { perturbations, type Robustness, type Strength } from '../../tasks/robustness';
import { compare } from './comparison';
import styles from './RobustnessCard.module.css';

const strengthOptions: readonly { readonly value: Strength; readonly label: string }[] = [
  { value: 'light', label: 'Light' },
  { value: 'medium', label: 'Medium' },
  { value: 'strong', label: 'Strong' },
];

interface RobustnessCardProps {
  /** Key of the evaluation that it belongs to. */
  readonly evaluation: string;
  readonly params: Requests['evaluate']['params'];
  readonly task: TaskId;
  /** Null when only the base model was evaluated. */
  readonly tunedName: string | null;
}

/** What is left of the result when pictures or words are spoiled; measured when the user asks. */
export function RobustnessCard({ evaluation, params, task, tunedName }: RobustnessCardProps) {
  const [strength, setStrength] = useState<Strength>('medium');
  const key = `${evaluation} | ${strength}`;
  const job = useRobustness((state) => state.jobs[key]);
  const start = useRobustness((state) => state.start);
  return (
    <Card
      title="Robustness"
      hint="How much of the score is left when pictures are blurred, noisy, compressed or cropped, and words mistyped, one after the other."
      actions={
        <div className={styles['choices']}>
          <Segmented label="Strength" value={strength} options={strengthOptions} onChange={setStrength} />
          <Button
            disabledReason={job?.state === 'running' ? 'The test is under way.' : null}
            onClick={() => start(key, { ...params, strength })}
          >
            {job?.state === 'done' ? 'Test again' : 'Test robustness'}
          </Button>
        </div>
      }
    >
      {job?.state === 'running' && <Progress task={job.task} onCancel={job.cancel} />}
      {job?.state === 'failed' && (
        <Notice tone="error" title="The test has failed">
          {job.message}
        </Notice>
      )}
      {job?.state === 'done' && <RobustnessTable found={job.result} task={task} tunedName={tunedName} />}
    </Card>
  );
}

interface RobustnessTableProps {
  readonly found: Robustness;
  readonly task: TaskId;
  readonly tunedName: string | null;
}

function RobustnessTable({ found: { strength, rows }, task, tunedName }: RobustnessTableProps) {
  const [whole] = rows;
  if (whole === undefined) return null;
  const headline = tasks[task].headline(whole.tuned ?? whole.base);
  const text = (metrics: Metrics): string => metricText(headline, valueOf(metrics, headline));
  const lost = (from: Metrics, to: Metrics): string => compare([headline], from, to, null)[0]?.change ?? '';
  return (
    <WideTable label={`${headline.label} of corrupted samples`}>
      <table className={cx(figures['table'], styles['table'])} aria-label={`${headline.label} of corrupted samples`}>
        <thead>
          <tr>
            <th scope="col">{headline.inFull ?? headline.label}</th>
            <th scope="col">Base</th>
            <th scope="col">Change</th>
            {tunedName !== null && (
              <>
                <th scope="col">{tunedName}</th>
                <th scope="col">Change</th>
              </>
            )}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ id, base, tuned }) => {
            const way = perturbations.find((each) => each.id === id);
            return (
              <tr key={id ?? 'whole'}>
                <th scope="row">
                  {way?.label ?? 'As they are'}
                  {way !== undefined && <small>{way.text[strength]}</small>}
                </th>
                <td className={styles['base']}>{text(base)}</td>
                <td className={styles['base']}>{id === null ? '' : lost(whole.base, base)}</td>
                {tuned !== null && whole.tuned !== null && (
                  <>
                    <td className={styles['tuned']}>{text(tuned)}</td>
                    <td>{id === null ? '' : lost(whole.tuned, tuned)}</td>
                  </>
                )}
              </tr>
            );
          })}
        </tbody>
      </table>
    </WideTable>
  );
}
