import { plural } from '../../../components/format';
import type { EvaluationReport } from '../../../protocol/evaluation';
import { metrics } from '../../../tasks/classification/metrics';
import type { ClassificationReport } from '../../../tasks/classification/predictions';
import { picturesMetric } from '../../../tasks/metrics';
import { ComparisonCard } from '../../evaluate/ComparisonCard';
import styles from '../../evaluate/Report.module.css';
import { ConfusionMatrix } from './ConfusionMatrix';
import { LabelTable } from './LabelTable';
import { ReliabilityCard } from './ReliabilityCard';

interface ReportProps {
  readonly report: EvaluationReport;
  readonly details: ClassificationReport;
  /** Null when only the base model was evaluated. */
  readonly tunedName: string | null;
}

/** What an evaluation of classification found. */
export function Report({ report, details, tunedName }: ReportProps) {
  const { base, tuned, change, intervals } = report;
  const pictures = plural(base[picturesMetric] ?? NaN, 'picture');
  // None is taken for another where they have several.
  const several = details.base === null;
  return (
    <>
      <ComparisonCard
        title={several ? 'Labels' : 'Classes'}
        hint={`${several ? `Of each of ${pictures} it is said which of ${plural(base['classes'] ?? NaN, 'label')} it has` : `Each of ${pictures} is taken for one of ${plural(base['classes'] ?? NaN, 'class', 'classes')}`}. The base model is asked in words (zero-shot).`}
        metrics={metrics.filter(({ name }) => base[name] !== undefined)}
        base={base}
        tuned={tuned}
        change={change}
        intervals={intervals}
        tunedName={tunedName}
      />
      <div className={styles['note']}>
        <p>
          Macro values are means of all {several ? 'labels' : 'classes'}, however many pictures they have; weighted ones
          count each {several ? 'label' : 'class'} by its pictures. F1 is high where both precision and recall are.
        </p>
        {tuned !== null && (
          <p>
            {change === null
              ? 'There are too few pictures to tell changes from chance, so none is called better or worse.'
              : `A change stands in bold and colour where its 95 % interval leaves out 0; otherwise it may be chance. The intervals come from drawing the ${plural(change.groups, 'picture')} 2,000 times again; p is how likely so large a change would be by chance.`}
          </p>
        )}
      </div>
      {details.labels !== undefined && <LabelTable labels={details.labels} tunedName={tunedName} />}
      {details.reliability !== undefined && <ReliabilityCard reliability={details.reliability} tunedName={tunedName} />}
      {details.base !== null && <ConfusionMatrix base={details.base} tuned={details.tuned} tunedName={tunedName} />}
    </>
  );
}
