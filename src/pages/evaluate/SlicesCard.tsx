import { useId, useState } from 'react';
import { Card } from '../../components/Card';
import { cx } from '../../components/cx';
import { count } from '../../components/format';
import { Select } from '../../components/Select';
import type { EvaluationReport } from '../../protocol/evaluation';
import { tasks } from '../../tasks';
import { metricText, valueOf, type Interval, type MetricDescription } from '../../tasks/metrics';
import type { Slice, SliceScores } from '../../tasks/slices';
import { intervalText, scaleOf } from '../runs/result';
import { compare } from './comparison';
import { fairnessTexts, gapText, limitTexts } from './slices';
import changes from './change.module.css';
import figures from '../../components/figures.module.css';
import { WideTable } from '../../components/WideTable';
import styles from './SlicesCard.module.css';

interface SlicesCardProps {
  readonly report: EvaluationReport;
  /** Null when only the base model was evaluated. */
  readonly tunedName: string | null;
}

/** A report cut by a column of the data: whom the models serve well, and whom not. */
export function SlicesCard({ report, tunedName }: SlicesCardProps) {
  const [columnId, metricId] = [useId(), useId()];
  const { slices, task } = report;
  const [column, setColumn] = useState<string | null>(null);
  const chosen = slices.find((each) => each.column === column) ?? slices[0];
  const headline = tasks[task].headline(report.tuned ?? report.base);
  const metrics = tasks[task].metrics.filter(({ name }) =>
    chosen?.groups.some(({ base }) => isNumber(base.metrics[name])),
  );
  const [metricName, setMetricName] = useState<string | null>(null);
  const metric = metrics.find(({ name }) => name === metricName) ?? headline;
  if (chosen === undefined) return null;
  return (
    <Card
      title={`By ${chosen.column}`}
      hint="Whom the model serves well, and whom not: each group measured by itself, with its 95 % interval."
      actions={
        <div className={styles['choices']}>
          <label id={columnId} htmlFor={`${columnId}-select`}>
            By
          </label>
          <Select
            id={`${columnId}-select`}
            aria-labelledby={columnId}
            value={chosen.column}
            options={slices.map((each) => ({ value: each.column, label: each.column }))}
            onChange={setColumn}
          />
          <label id={metricId} htmlFor={`${metricId}-select`}>
            Metric
          </label>
          <Select
            id={`${metricId}-select`}
            aria-labelledby={metricId}
            value={metric.name}
            options={metrics.map(({ name, label, inFull = label }) => ({ value: name, label: inFull }))}
            onChange={setMetricName}
          />
        </div>
      }
    >
      <GroupTable
        label={`${metric.label} by ${chosen.column}`}
        groups={chosen.groups}
        metric={metric}
        tunedName={tunedName}
      />
      <div className={styles['notes']}>
        {[gapText(chosen, headline), ...fairnessTexts(chosen), ...limitTexts(chosen, headline)].map((sentence) => (
          <p key={sentence}>{sentence}</p>
        ))}
      </div>
    </Card>
  );
}

interface GroupTableProps {
  readonly label: string;
  readonly groups: readonly Slice[];
  readonly metric: MetricDescription;
  readonly tunedName: string | null;
}

function GroupTable({ label, groups, metric, tunedName }: GroupTableProps) {
  const tuned = groups.some((group) => group.tuned !== null);
  const scale = axisOf(groups, metric);
  return (
    <WideTable label={label}>
      <table className={cx(figures['table'], styles['table'])} aria-label={label}>
        <thead>
          <tr>
            <th scope="col">Group</th>
            <th scope="col">Samples</th>
            <td className={styles['barCell']} />
            <th scope="col">Base</th>
            {tuned && (
              <>
                <th scope="col">{tunedName ?? 'Tuned'}</th>
                <th scope="col">Change</th>
                <th scope="col">95 % interval</th>
              </>
            )}
          </tr>
        </thead>
        <tbody>
          {groups.map((group) => (
            <GroupRow key={group.name} group={group} metric={metric} scale={scale} />
          ))}
        </tbody>
      </table>
    </WideTable>
  );
}

interface GroupRowProps {
  readonly group: Slice;
  readonly metric: MetricDescription;
  readonly scale: Interval;
}

function GroupRow({ group, metric, scale }: GroupRowProps) {
  const { name, samples, base, tuned, change, tooSmall } = group;
  const [row] = compare([metric], base.metrics, tuned?.metrics ?? null, change);
  const verdict = row?.verdict ?? null;
  return (
    <tr className={tooSmall ? styles['small'] : undefined}>
      <th scope="row" title={name}>
        {name}
        {tooSmall && <small>too small to say</small>}
      </th>
      <td>{count(samples)}</td>
      <td className={styles['barCell']}>
        <span className={styles['whiskers']} aria-hidden>
          <Whisker scores={base} metric={metric} scale={scale} kind="base" />
          {tuned !== null && <Whisker scores={tuned} metric={metric} scale={scale} kind="tuned" />}
        </span>
      </td>
      <td className={styles['base']}>
        <Value scores={base} metric={metric} />
      </td>
      {tuned !== null && (
        <>
          <td className={styles['tuned']}>
            <Value scores={tuned} metric={metric} />
          </td>
          <td className={verdict === null ? changes['same'] : cx(styles['told'], changes[verdict])}>{row?.change}</td>
          <td className={changes['interval']}>{row?.interval ?? '–'}</td>
        </>
      )}
    </tr>
  );
}

/** A value with its interval below. */
function Value({ scores, metric }: { readonly scores: SliceScores; readonly metric: MetricDescription }) {
  const interval = scores.intervals[metric.name];
  return (
    <>
      {isNumber(scores.metrics[metric.name]) ? metricText(metric, valueOf(scores.metrics, metric)) : '–'}
      {interval !== undefined && <small>{intervalText(interval, scaleOf(metric), metric.digits)}</small>}
    </>
  );
}

interface WhiskerProps {
  readonly scores: SliceScores;
  readonly metric: MetricDescription;
  readonly scale: Interval;
  readonly kind: 'base' | 'tuned';
}

/** A value as a dot on the line of its interval. */
function Whisker({ scores, metric, scale, kind }: WhiskerProps) {
  const value = valueOf(scores.metrics, metric);
  const interval = scores.intervals[metric.name] ?? { low: value, high: value };
  const at = (of: number): number => Math.min(100, Math.max(0, (100 * (of - scale.low)) / (scale.high - scale.low)));
  return (
    <span className={cx(styles['whisker'], styles[kind])}>
      <i style={{ left: `${at(interval.low)}%`, width: `${at(interval.high) - at(interval.low)}%` }} />
      <b style={{ left: `${at(value)}%` }} />
    </span>
  );
}

/** From 0 to 1 for shares; for other numbers what the groups need. */
function axisOf(groups: readonly Slice[], metric: MetricDescription): Interval {
  if (metric.unit === 'share') return { low: 0, high: 1 };
  const ends = groups
    .flatMap(({ base, tuned }) => (tuned === null ? [base] : [base, tuned]))
    .flatMap((scores) => {
      const { low, high } = scores.intervals[metric.name] ?? { low: NaN, high: NaN };
      return [low, high, valueOf(scores.metrics, metric)];
    })
    .filter(isNumber);
  const [low, high] = [Math.min(0, ...ends), Math.max(...ends)];
  return { low, high: high > low ? high : low + 1 };
}

function isNumber(value: number | undefined): value is number {
  return value !== undefined && Number.isFinite(value);
}
