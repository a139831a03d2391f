import { z } from 'zod';
import { taskPart } from '../../recipe/fields';
import type { Recipe } from '../../recipe/schema';
import type { Knowledge, TaskDescription } from '../description';
import { lossMetric, type MetricDescription, type Metrics } from '../metrics';
import { writtenSchema, type WrittenSample } from '../words/predictions';
import { metrics, vqaAccuracy } from './metrics';

/** What decides which weights are best; `auto` is VQA accuracy. */
function deciding(recipe: Recipe): MetricDescription {
  const { selectionMetric } = taskPart(recipe, 'answering');
  const name = selectionMetric === 'validation-loss' ? lossMetric : selectionMetric;
  return metrics.find((metric) => metric.name === name) ?? vqaAccuracy;
}

/** VQA accuracy below and above which a model knows little and much of what it is asked. */
const littleAccuracy = 0.15;
const muchAccuracy = 0.85;

function knowledge({ 'vqa-accuracy': reached }: Metrics): Knowledge | null {
  if (reached === undefined) return null;
  if (reached < littleAccuracy) return 'little';
  return reached >= muchAccuracy ? 'much' : 'some';
}

/** Questions about pictures are answered in words. */
export const answering: TaskDescription<readonly WrittenSample[], null> = {
  from: 'questions',
  needs: 'answering',
  metrics,
  stepMetrics: [],
  headline: () => vqaAccuracy,
  deciding,
  knowledge,
  details: [{ label: 'exact match', name: 'exact-match' }],
  lossOver: () => null,
  uses: ({ tower, kind }) => kind !== 'scale' && !(tower === 'vision' && kind === 'projection'),
  predictions: writtenSchema,
  report: z.null(),
};
