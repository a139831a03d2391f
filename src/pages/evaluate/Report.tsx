import { Card } from '../../components/Card';
import { cx } from '../../components/cx';
import { count, plural } from '../../components/format';
import type { DirectionIntervals, DirectionMetrics, EvaluationReport } from '../../protocol/protocol';
import { compare, type ComparisonRow } from './comparison';
import { Mistakes } from './Mistakes';
import { readingAid } from './readingAid';
import styles from './Report.module.css';

interface ReportProps {
  readonly report: EvaluationReport;
  /** Null when only the base model was evaluated. */
  readonly tunedName: string | null;
}

/** What an evaluation found. */
export function Report({ report, tunedName }: ReportProps) {
  const { base, tuned, change, mistakes } = report;
  const captions = base.captions ?? base.gallery;
  return (
    <>
      <div className={styles['tables']}>
        <DirectionCard
          title="Words → picture"
          hint={`Each of ${plural(captions, 'caption')} looks for its picture among ${count(base.gallery)}.`}
          base={base.textToImage}
          tuned={tuned?.textToImage ?? null}
          intervals={change?.textToImage ?? null}
          tunedName={tunedName}
        />
        <DirectionCard
          title="Picture → words"
          hint={`Each of ${plural(base.gallery, 'picture')} looks for its caption among ${count(captions)}.`}
          base={base.imageToText}
          tuned={tuned?.imageToText ?? null}
          intervals={change?.imageToText ?? null}
          tunedName={tunedName}
        />
      </div>
      <div className={styles['note']}>
        {readingAid(report).map((sentence) => (
          <p key={sentence}>{sentence}</p>
        ))}
      </div>
      <Mistakes mistakes={mistakes} captions={captions} who={tunedName ?? 'the base model'} />
    </>
  );
}

interface DirectionCardProps {
  readonly title: string;
  readonly hint: string;
  readonly base: DirectionMetrics;
  readonly tuned: DirectionMetrics | null;
  readonly intervals: DirectionIntervals | null;
  readonly tunedName: string | null;
}

function DirectionCard({ title, hint, base, tuned, intervals, tunedName }: DirectionCardProps) {
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
                {intervals !== null && <th scope="col">95 % interval</th>}
              </>
            )}
          </tr>
        </thead>
        <tbody>
          {compare(base, tuned, intervals).map((row) => (
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
