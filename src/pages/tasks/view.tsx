import type { ComponentType } from 'react';
import type { EvaluationReport } from '../../protocol/evaluation';
import type { Run } from '../../runs/types';
import type { AttentionQuestion } from '../../stores/attention';
import type { TaskDescription } from '../../tasks/description';
import type { Metrics } from '../../tasks/metrics';
import type { Caution } from '../evaluate/cautions';

/** What the page needs of a task beside its description: how predictions and reports are shown, and words. */
interface Shown<Predictions, Details> {
  /** A few predictions of a run; null before the first evaluation. */
  readonly Predictions: ComponentType<{ readonly predictions: Predictions | null }>;
  readonly Report: ComponentType<{
    readonly report: EvaluationReport;
    readonly details: Details;
    /** Null when only the base model was evaluated. */
    readonly tunedName: string | null;
  }>;
  /** What is to be said of measured pictures in a few words, behind their number; empty where nothing is. */
  readonly known: (about: Metrics, pictures: number) => string;
  /** What one should know before one believes the numbers of a report. */
  readonly cautions: (report: EvaluationReport) => readonly Caution[];
  /**
   * What is asked of base and tuned model where it is to be seen where they look for some words; null where that cannot be seen. Absent where
   * the model compares no pictures with words, so that there are no features either by which pictures lie near to each other.
   */
  readonly question?: (run: Run, who: 'base' | 'tuned', words: string) => AttentionQuestion | null;
  /** Whether it writes words, so that it is to be seen where it looked as it wrote them. */
  readonly writes?: boolean;
  /** Why nothing can be measured on a split without pictures that take part. */
  readonly unable: (split: string) => string;
  /** What evaluation does. */
  readonly evaluation: string;
  /** The same of some pictures, such as `120 test pictures`. */
  readonly evaluating: (pictures: string) => string;
}

/** The same for whatever task it is: predictions and details pass its schemas. */
export interface TaskView extends Pick<
  Shown<never, never>,
  'known' | 'cautions' | 'question' | 'writes' | 'unable' | 'evaluation' | 'evaluating'
> {
  readonly Predictions: ComponentType<{ readonly predictions: unknown }>;
  readonly Report: ComponentType<{ readonly report: EvaluationReport; readonly tunedName: string | null }>;
}

export function viewOf<Predictions, Details>(
  description: TaskDescription<Predictions, Details>,
  { Predictions, Report, ...words }: Shown<Predictions, Details>,
): TaskView {
  return {
    ...words,
    Predictions: ({ predictions }) => {
      const parsed = description.predictions.safeParse(predictions);
      return <Predictions predictions={parsed.success ? parsed.data : null} />;
    },
    Report: ({ report, tunedName }) => {
      const parsed = description.report.safeParse(report.details);
      return parsed.success ? <Report report={report} details={parsed.data} tunedName={tunedName} /> : null;
    },
  };
}
