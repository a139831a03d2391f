import type { Recipe } from '../../recipe/schema';
import { readByHead, type TaskDescription } from '../description';
import { lossMetric, type MetricDescription } from '../metrics';
import { meanError, metrics } from './metrics';
import { predictionsSchema, reportSchema, type RatedPicture, type RegressionReport } from './predictions';

/** What decides which weights are best; `auto` is the mean absolute error. */
function deciding({ task: { selectionMetric } }: Recipe): MetricDescription {
  const name = selectionMetric === 'validation-loss' ? lossMetric : selectionMetric;
  return metrics.find((metric) => metric.name === name) ?? meanError;
}

/** Each sample has a number, or several. */
export const regression: TaskDescription<readonly RatedPicture[], RegressionReport> = {
  from: 'numbers',
  needs: 'classification',
  metrics,
  stepMetrics: [],
  headline: () => meanError,
  deciding,
  // A mean that is said each time tells nothing of what the model knows.
  knowledge: () => null,
  details: [
    { label: 'R²', name: 'r2' },
    { label: 'Spearman’s ρ', name: 'spearman' },
  ],
  lossOver: () => null,
  uses: readByHead,
  predictions: predictionsSchema,
  report: reportSchema,
};
