import type { Recipe } from '../../recipe/schema';
import { readByHead, type Knowledge, type TaskDescription } from '../description';
import { lossMetric, type MetricDescription, type Metrics } from '../metrics';
import { accuracy, meanSteps, metrics, microF1 } from './metrics';
import { predictionsSchema, reportSchema, type ClassificationReport, type ClassifiedPicture } from './predictions';

/** The metric of what was measured: of one class, of several labels, or of steps of a scale. */
function usual(measured: Metrics): MetricDescription {
  if (measured[microF1.name] !== undefined) return microF1;
  return measured[meanSteps.name] !== undefined ? meanSteps : accuracy;
}

/** What decides which weights are best. */
function deciding({ task: { selectionMetric } }: Recipe, measured: Metrics): MetricDescription {
  if (selectionMetric === 'auto') return usual(measured);
  const name = selectionMetric === 'validation-loss' ? lossMetric : selectionMetric;
  return metrics.find((metric) => metric.name === name) ?? usual(measured);
}

/** Shares of what guessing leaves to gain, below and above which a model knows little and much of the classes. */
const littleSkill = 0.15;
const muchSkill = 0.8;

/** What the base model, asked in words, makes of the classes beyond guessing. */
function knowledge({ accuracy: reached, classes }: Metrics): Knowledge | null {
  if (reached === undefined || classes === undefined || classes < 2) return null;
  const skill = (reached - 1 / classes) / (1 - 1 / classes);
  if (skill < littleSkill) return 'little';
  return skill >= muchSkill ? 'much' : 'some';
}

/** Each picture has one class. */
export const classification: TaskDescription<readonly ClassifiedPicture[], ClassificationReport> = {
  from: 'labels',
  needs: 'classification',
  metrics,
  stepMetrics: [],
  headline: usual,
  deciding,
  knowledge,
  details: [
    { label: 'macro F1', name: 'macro-f1' },
    { label: 'balanced accuracy', name: 'balanced-accuracy' },
  ],
  lossOver: () => null,
  uses: readByHead,
  predictions: predictionsSchema,
  report: reportSchema,
};
