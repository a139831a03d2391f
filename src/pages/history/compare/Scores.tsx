import { useState } from 'react';
import { Button } from '../../../components/Button';
import { Card } from '../../../components/Card';
import { cx } from '../../../components/cx';
import { plural } from '../../../components/format';
import { Notice } from '../../../components/Notice';
import { Progress } from '../../../components/Progress';
import { hasWeights } from '../../../stores/chosenWeights';
import { comparisonKey, useComparisons } from '../../../stores/comparison';
import { useRunStore } from '../../../stores/run';
import type { ComparedRun } from './overlay';
import { Predictions } from './Predictions';
import { RunHeads } from './RunHeads';
import { measuredRows, notedRows, type ScoreCell, type ScoreRow } from './table';
import styles from './ComparePage.module.css';

/** What runs on the same data score on its test pictures, as they noted it or measured anew side by side. */
export function Scores({ compared }: { readonly compared: readonly ComparedRun[] }) {
  const unstored = useRunStore((state) => state.unstored);
  const busy = useRunStore((state) => state.active !== null);
  const runs = compared.map(({ run }) => run);
  const measurable = compared.filter(({ run }) => hasWeights(run, unstored));
  const key = comparisonKey(measurable.map(({ run }) => run));
  const job = useComparisons((state) => state.jobs[key]);
  const start = useComparisons((state) => state.start);
  const [first] = runs;
  const pictures = first?.dataset.test ?? 0;
  const reason =
    measurable.length === 0
      ? 'None of these runs has kept weights.'
      : pictures === 0
        ? 'The data of these runs has no test pictures.'
        : busy
          ? 'A run is in progress.'
          : job?.state === 'running'
            ? 'They are being measured.'
            : null;
  const measured = job?.state === 'done' ? job.result : null;
  return (
    <>
      <Card
        title={`On the same ${plural(pictures, 'test picture')}`}
        hint={
          measured === null
            ? 'As each run noted it. Measured side by side, they are told from chance and shown sample by sample.'
            : `With 95 % intervals. Differences are told from chance by a paired bootstrap over the same samples${measurable.length > 2 ? ', each by itself: of twenty that are none, one looks like one' : ''}.`
        }
        actions={
          <Button
            variant={measured === null ? 'primary' : 'secondary'}
            disabledReason={reason}
            onClick={() => start(key, { runIds: measurable.map(({ run }) => run.id), split: 'test' })}
          >
            {measured === null ? 'Measure side by side' : 'Measure again'}
          </Button>
        }
      >
        {job?.state === 'running' && <Progress task={job.task} onCancel={job.cancel} />}
        {job?.state === 'failed' && (
          <Notice tone="error" title="They could not be measured">
            {job.message}
          </Notice>
        )}
        {measured === null ? (
          <ScoreTable rows={notedRows(runs)} compared={compared} />
        ) : (
          <ScoreTable rows={measuredRows(measured)} compared={measurable} />
        )}
      </Card>
      {measured !== null && measurable.length > 1 && <Predictions result={measured} compared={measurable} />}
    </>
  );
}

/** Metrics shown before the reader asks for all. */
const shownAtFirst = 6;

function ScoreTable({
  rows,
  compared,
}: {
  readonly rows: readonly ScoreRow[];
  readonly compared: readonly ComparedRun[];
}) {
  const [all, setAll] = useState(false);
  if (rows.length === 0) return <p className={styles['hint']}>None of them has been measured on its test pictures.</p>;
  return (
    <>
      <div className={styles['scroll']} tabIndex={0} role="region" aria-label="Scores">
        <table className={styles['table']}>
          <RunHeads first="Metric" compared={compared} />
          <tbody>
            {rows.slice(0, all ? rows.length : shownAtFirst).map(({ label, meaning, cells }) => (
              <tr key={label}>
                <th scope="row" title={meaning}>
                  {label}
                </th>
                {cells.map((cell, place) => (
                  <Cell key={compared[place]?.run.id} cell={cell} />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {rows.length > shownAtFirst && !all && (
        <Button size="s" onClick={() => setAll(true)}>
          All {rows.length} metrics
        </Button>
      )}
    </>
  );
}

function Cell({ cell: { value, interval, against, verdict, best } }: { readonly cell: ScoreCell }) {
  return (
    <td>
      <span className={cx(best && styles['best'])}>{value}</span>
      {interval !== null && <small>{interval}</small>}
      {against !== null && (
        <small className={cx(verdict !== null && styles[verdict])}>
          {against}
          {verdict !== null && ` · ${verdict}`}
        </small>
      )}
    </td>
  );
}
