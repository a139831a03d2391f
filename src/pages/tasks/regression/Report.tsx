import { plural } from '../../../components/format';
import type { EvaluationReport } from '../../../protocol/evaluation';
import { metrics } from '../../../tasks/regression/metrics';
import type { RegressionReport } from '../../../tasks/regression/predictions';
import { picturesMetric } from '../../../tasks/metrics';
import { ComparisonCard } from '../../evaluate/ComparisonCard';
import styles from '../../evaluate/Report.module.css';
import { Scatter } from './Scatter';

interface ReportProps {
  readonly report: EvaluationReport;
  readonly details: RegressionReport;
  /** Null when only the base model was evaluated. */
  readonly tunedName: string | null;
}

/** What an evaluation of numbers found. */
export function Report({ report, details, tunedName }: ReportProps) {
  const { base, tuned, change, intervals } = report;
  const several = details.names.length > 1;
  return (
    <>
      <ComparisonCard
        title="Numbers"
        hint={`Each of ${plural(base[picturesMetric] ?? NaN, 'sample')} is given ${several ? `${details.names.length} numbers` : 'a number'}. Base: the mean of the training samples each time, since a base model knows no numbers.`}
        metrics={metrics.filter(({ name }) => (tuned ?? base)[name] !== undefined)}
        base={base}
        tuned={tuned}
        change={change}
        intervals={intervals}
        tunedName={tunedName}
      />
      <div className={styles['note']}>
        <p>
          {several
            ? 'Errors are in standard deviations of the training samples, since the columns differ in unit; each metric is the mean of its columns.'
            : 'Errors are in the unit of the column; the loss is in standard deviations of the training samples.'}
        </p>
        {tuned !== null && (
          <p>
            {change === null
              ? 'There are too few samples to tell changes from chance, so none is called better or worse.'
              : `A change stands in bold and colour where its 95 % interval leaves out 0; otherwise it may be chance. The intervals come from drawing the ${plural(change.groups, 'sample')} 2,000 times again.`}
          </p>
        )}
      </div>
      {tuned !== null &&
        details.names.map((name, column) => <Scatter key={name} name={name} column={column} points={details.points} />)}
    </>
  );
}
