import { Card } from '../../components/Card';
import { cx } from '../../components/cx';
import type { EvaluationReport } from '../../protocol/evaluation';
import type { MetricChanges, MetricDescription, Metrics } from '../../tasks/metrics';
import { compare, type ComparisonRow } from './comparison';
import changes from './change.module.css';
import figures from '../../components/figures.module.css';
import { WideTable } from '../../components/WideTable';
import styles from './ComparisonCard.module.css';

/**
 * A table of metrics. What stands in its cells, and whether a change is called better or worse, comes from `compare`; it is only laid out here.
 */

interface ComparisonCardProps {
  readonly title: string;
  readonly hint: string;
  readonly metrics: readonly MetricDescription[];
  readonly base: Metrics;
  readonly tuned: Metrics | null;
  readonly change: MetricChanges | null;
  readonly tunedName: string | null;
  /** 95 % intervals of the values; absent or null where there are none. */
  readonly intervals?: EvaluationReport['intervals'];
}

/** Metrics of the base model beside those of the tuned one. */
export function ComparisonCard(props: ComparisonCardProps) {
  const { title, hint, metrics, base, tuned, change, tunedName, intervals = null } = props;
  const rows = compare(metrics, base, tuned, change, intervals);
  const tested = rows.some(({ pValue }) => pValue !== null);
  return (
    <Card title={title} hint={hint}>
      <WideTable label={title}>
        <table className={cx(figures['table'], styles['table'])} aria-label={title}>
          <thead>
            <tr>
              <th scope="col">Metric</th>
              <td className={styles['barCell']} />
              <th scope="col">Base</th>
              {tuned !== null && (
                <>
                  <th scope="col" className={styles['tunedName']} title={tunedName ?? undefined}>
                    {tunedName}
                  </th>
                  <th scope="col">Change</th>
                  {change !== null && <th scope="col">95 % interval</th>}
                  {tested && (
                    <th
                      scope="col"
                      title="How likely so large a change would be by chance (paired bootstrap, two-sided)"
                    >
                      p
                    </th>
                  )}
                </>
              )}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <Row key={row.label} row={row} compared={change !== null} tested={tested} />
            ))}
          </tbody>
        </table>
      </WideTable>
    </Card>
  );
}

interface RowProps {
  readonly row: ComparisonRow;
  /** Whether there are columns for intervals of changes and for how likely these are by chance. */
  readonly compared: boolean;
  readonly tested: boolean;
}

function Row({ row, compared, tested }: RowProps) {
  const { label, meaning, base, tuned, change, interval, baseInterval, tunedInterval, pValue, verdict, shares } = row;
  return (
    <tr>
      <th scope="row" title={meaning}>
        {label}
      </th>
      <td className={styles['barCell']}>
        {shares !== null && (
          <span className={styles['bars']} aria-hidden>
            <i className={styles['baseBar']} style={{ width: `${100 * shares.base}%` }} />
            {shares.tuned !== null && <i className={styles['tunedBar']} style={{ width: `${100 * shares.tuned}%` }} />}
          </span>
        )}
      </td>
      <td className={styles['base']}>
        {base}
        {baseInterval !== null && <small>{baseInterval}</small>}
      </td>
      {tuned !== null && (
        <>
          <td className={styles['tuned']}>
            {tuned}
            {tunedInterval !== null && <small>{tunedInterval}</small>}
          </td>
          <td className={verdict === null ? changes['same'] : cx(styles['told'], changes[verdict])}>{change}</td>
          {compared && <td className={changes['interval']}>{interval ?? ''}</td>}
          {tested && <td className={changes['interval']}>{pValue ?? ''}</td>}
        </>
      )}
    </tr>
  );
}
