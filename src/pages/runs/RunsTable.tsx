import { Link } from 'wouter';
import { cx } from '../../components/cx';
import { duration } from '../../components/format';
import rowStyles from '../../components/rows.module.css';
import { summarize } from '../../recipe/describe';
import type { Run } from '../../runs/types';
import { testResult } from '../../runs/tested';
import { taskOf } from '../../tasks';
import { headlineChange, resultChange, runResult, type HeadlineChange } from './result';
import { stateLabel } from './stateLabel';
import { timeAgo } from './timeAgo';
import { useNow } from './useNow';
import styles from './RunsTable.module.css';

/** Runs beside each other: what they did and what came of it. */
export function RunsTable({ runs }: { readonly runs: readonly Run[] }) {
  const now = useNow();
  return (
    <div className={rowStyles['scroll']}>
      <table className={cx(rowStyles['table'], styles['table'])}>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Recipe</th>
            <th scope="col">Data</th>
            <th scope="col">State</th>
            <th scope="col" className={rowStyles['number']}>
              Time
            </th>
            <th scope="col" className={rowStyles['number']}>
              Validation
            </th>
            <th scope="col" className={rowStyles['number']}>
              Test
            </th>
            <th scope="col" className={rowStyles['number']}>
              When
            </th>
          </tr>
        </thead>
        <tbody>
          {runs.map((run) => (
            <Row key={run.id} run={run} now={now} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ run, now }: { readonly run: Run; readonly now: number }) {
  const result = runResult(run);
  const test = testResult(run);
  return (
    <tr>
      <th scope="row">
        <Link href={`/runs/${run.id}`}>{run.name}</Link>
      </th>
      <td className={styles['recipe']}>{summarize(run.recipe)}</td>
      <td>{run.dataset.name}</td>
      <td>{stateLabel[run.state]}</td>
      <td className={rowStyles['number']}>{duration(run.seconds)}</td>
      <td className={rowStyles['number']}>{result === null ? '–' : changeText(resultChange(result))}</td>
      <td className={rowStyles['number']}>
        {test === null ? '–' : changeText(headlineChange({ task: taskOf(run.recipe), ...test }))}
      </td>
      <td className={rowStyles['number']}>{timeAgo(run.createdAt, now)}</td>
    </tr>
  );
}

function changeText({ label, before, after, gain, bareGain, interval }: HeadlineChange) {
  return (
    <span title={interval === null ? undefined : `${label} ${gain}, 95 % interval ${interval}`}>
      <small className={styles['label']}>{label}</small>
      {before} → {after} ({bareGain})
    </span>
  );
}
