import { Card } from '../../components/Card';
import { cx } from '../../components/cx';
import type { MetricChanges, MetricDescription, Metrics } from '../../tasks/metrics';
import { compare, type ComparisonRow } from './comparison';
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
}

/** Metrics of the base model beside those of the tuned one. */
export function ComparisonCard({ title, hint, metrics, base, tuned, change, tunedName }: ComparisonCardProps) {
  return (
    <Card title={title} hint={hint}>
      <table className={styles['table']} aria-label={title}>
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
              </>
            )}
          </tr>
        </thead>
        <tbody>
          {compare(metrics, base, tuned, change).map((row) => (
            <Row key={row.label} row={row} />
          ))}
        </tbody>
      </table>
    </Card>
  );
}

function Row({ row: { label, base, tuned, change, interval, verdict, shares } }: { readonly row: ComparisonRow }) {
  return (
    <tr>
      <th scope="row">{label}</th>
      <td className={styles['barCell']}>
        {shares !== null && (
          <span className={styles['bars']} aria-hidden>
            <i className={styles['baseBar']} style={{ width: `${100 * shares.base}%` }} />
            {shares.tuned !== null && <i className={styles['tunedBar']} style={{ width: `${100 * shares.tuned}%` }} />}
          </span>
        )}
      </td>
      <td className={styles['base']}>{base}</td>
      {tuned !== null && (
        <>
          <td className={styles['tuned']}>{tuned}</td>
          <td className={verdict === null ? styles['same'] : cx(styles['told'], styles[verdict])}>{change}</td>
          {interval !== null && <td className={styles['interval']}>{interval}</td>}
        </>
      )}
    </tr>
  );
}
