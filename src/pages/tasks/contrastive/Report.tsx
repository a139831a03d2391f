import { count, plural } from '../../../components/format';
import type { EvaluationReport } from '../../../protocol/evaluation';
import { metricsOfDirection } from '../../../tasks/contrastive/metrics';
import type { RetrievalReport } from '../../../tasks/contrastive/predictions';
import { picturesMetric } from '../../../tasks/metrics';
import { ComparisonCard } from '../../evaluate/ComparisonCard';
import { Mistakes } from './Mistakes';
import { readingAid } from './readingAid';
import styles from '../../evaluate/Report.module.css';

interface ReportProps {
  readonly report: EvaluationReport;
  readonly details: RetrievalReport;
  /** Null when only the base model was evaluated. */
  readonly tunedName: string | null;
}

/** What an evaluation of retrieval found. */
export function Report({ report, details: { mistakes }, tunedName }: ReportProps) {
  const { base, tuned, change, intervals } = report;
  const pictures = base[picturesMetric] ?? NaN;
  const captions = base['captions'] ?? pictures;
  const compared = { base, tuned, change, intervals, tunedName };
  return (
    <>
      <div className={styles['tables']}>
        <ComparisonCard
          title="Words → picture"
          hint={`Each of ${plural(captions, 'caption')} looks for its picture among ${count(pictures)}.`}
          metrics={metricsOfDirection('textToImage')}
          {...compared}
        />
        <ComparisonCard
          title="Picture → words"
          hint={`Each of ${plural(pictures, 'picture')} looks for its caption among ${count(captions)}.`}
          metrics={metricsOfDirection('imageToText')}
          {...compared}
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
