import { plural } from '../../../components/format';
import type { EvaluationReport } from '../../../protocol/evaluation';
import type { MetricDescription } from '../../../tasks/metrics';
import { ComparisonCard } from '../../evaluate/ComparisonCard';
import styles from '../../evaluate/Report.module.css';

interface WordReportProps {
  readonly title: string;
  readonly hint: string;
  /** What the metrics are, in sentences. */
  readonly note: string;
  readonly metrics: readonly MetricDescription[];
  readonly report: EvaluationReport;
  readonly tunedName: string | null;
}

/** What an evaluation of written texts found. */
export function WordReport({ title, hint, note, metrics, report, tunedName }: WordReportProps) {
  const { base, tuned, change, intervals } = report;
  return (
    <>
      <ComparisonCard
        title={title}
        hint={hint}
        metrics={metrics}
        base={base}
        tuned={tuned}
        change={change}
        intervals={intervals}
        tunedName={tunedName}
      />
      <div className={styles['note']}>
        <p>{note}</p>
        {tuned !== null && (
          <p>
            {change === null
              ? 'There are too few pictures to tell changes from chance, so none is called better or worse.'
              : `A change stands in bold and colour where its 95 % interval leaves out 0; otherwise it may be chance. The intervals come from drawing the ${plural(change.groups, 'picture')} 2,000 times again.`}
          </p>
        )}
      </div>
    </>
  );
}
