import { Card } from '../../components/Card';
import { cx } from '../../components/cx';
import { plural } from '../../components/format';
import type { DirectionMetrics, EvaluationReport } from '../../training/protocol';
import { compare, type ComparisonRow } from './comparison';
import { Mistakes } from './Mistakes';
import styles from './Report.module.css';

interface ReportProps {
  readonly report: EvaluationReport;
  /** Null when only the base model was evaluated. */
  readonly tunedName: string | null;
}

/** What an evaluation found. */
export function Report({ report, tunedName }: ReportProps) {
  const { base, tuned, split, mistakes } = report;
  return (
    <>
      <div className={styles['tables']}>
        <DirectionCard
          title="Words → picture"
          hint="Each caption looks for its picture."
          base={base.textToImage}
          tuned={tuned?.textToImage ?? null}
          gallery={base.gallery}
          tunedName={tunedName}
        />
        <DirectionCard
          title="Picture → words"
          hint="Each picture looks for its caption."
          base={base.imageToText}
          tuned={tuned?.imageToText ?? null}
          gallery={base.gallery}
          tunedName={tunedName}
        />
      </div>
      <p className={styles['note']}>
        Recall@1 is how often the right one comes first, Recall@5 and Recall@10 how often it is among the first five or
        ten. Gallery: {plural(base.gallery, `${split} picture`)}. Guessing would reach a Recall@1 of{' '}
        {(100 / base.gallery).toFixed(1)} %, and one picture more or less is {(100 / base.gallery).toFixed(1)} points;
        changes by two pictures or fewer are grey. Contrastive loss: {base.loss.toFixed(3)}
        {tuned !== null && ` → ${tuned.loss.toFixed(3)}`}.
      </p>
      <Mistakes mistakes={mistakes} gallery={base.gallery} who={tunedName ?? 'the base model'} />
    </>
  );
}

interface DirectionCardProps {
  readonly title: string;
  readonly hint: string;
  readonly base: DirectionMetrics;
  readonly tuned: DirectionMetrics | null;
  readonly gallery: number;
  readonly tunedName: string | null;
}

function DirectionCard({ title, hint, base, tuned, gallery, tunedName }: DirectionCardProps) {
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
                <th scope="col" className={styles['tunedName']}>
                  {tunedName}
                </th>
                <th scope="col">Change</th>
              </>
            )}
          </tr>
        </thead>
        <tbody>
          {compare(base, tuned, gallery).map((row) => (
            <Row key={row.label} row={row} />
          ))}
        </tbody>
      </table>
    </Card>
  );
}

function Row({ row: { label, base, tuned, change, verdict, shares } }: { readonly row: ComparisonRow }) {
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
          <td className={cx(verdict !== null && styles[verdict])}>{change}</td>
        </>
      )}
    </tr>
  );
}
