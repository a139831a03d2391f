import { z } from 'zod';
import { taskPart } from '../../recipe/fields';
import type { Recipe } from '../../recipe/schema';
import type { Knowledge, TaskDescription } from '../description';
import { lossMetric, type MetricDescription, type Metrics } from '../metrics';
import { writtenSchema, type WrittenSample } from '../words/predictions';
import { ciderD, metrics } from './metrics';

/** What decides which weights are best; `auto` is CIDEr-D. */
function deciding(recipe: Recipe): MetricDescription {
  const { selectionMetric } = taskPart(recipe, 'captioning');
  const name = selectionMetric === 'validation-loss' ? lossMetric : selectionMetric;
  return metrics.find((metric) => metric.name === name) ?? ciderD;
}

/** CIDEr-D below and above which captions have little and much in common with those wanted: good captioners of photographs are at 1.2 to 1.5. */
const littleCider = 0.15;
const muchCider = 2;

function knowledge({ 'cider-d': reached }: Metrics): Knowledge | null {
  if (reached === undefined) return null;
  if (reached < littleCider) return 'little';
  return reached >= muchCider ? 'much' : 'some';
}

/** A caption is written for each picture. */
export const captioning: TaskDescription<readonly WrittenSample[], null> = {
  from: 'captions',
  needs: 'captioning',
  metrics,
  stepMetrics: [],
  headline: () => ciderD,
  deciding,
  knowledge,
  details: [
    { label: 'BLEU-4', name: 'bleu-4' },
    { label: 'ROUGE-L', name: 'rouge-l' },
  ],
  lossOver: () => null,
  uses: ({ tower, kind }) => tower !== 'question' && kind !== 'scale' && !(tower === 'vision' && kind === 'projection'),
  predictions: writtenSchema,
  report: z.null(),
};
