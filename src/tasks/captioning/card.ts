import type { TaskCard } from '../card';
import { lossMetric, picturesMetric } from '../metrics';
import { writtenExamples } from '../words/example';
import { metrics } from './metrics';

const count = (value = NaN): string => value.toLocaleString('en');

/** What a model card says of captions. */
export const card: TaskCard = {
  pipelineTag: 'image-to-text',
  tags: ['image-to-text', 'image-captioning'],
  listed: {
    taskType: 'image-to-text',
    types: ['bleu', 'rouge', 'meteor'],
    metrics: [
      { type: 'cider', label: 'CIDEr-D', name: 'cider-d' },
      { type: 'bleu', label: 'BLEU-4 (COCO)', name: 'bleu-4' },
      { type: 'rouge', label: 'ROUGE-L', name: 'rouge-l' },
      { type: 'meteor', label: 'METEOR (NLTK, no synonyms)', name: 'meteor' },
    ],
  },
  rows: () => [
    ...metrics
      .filter(({ name }) => name !== lossMetric)
      .map(({ label, name, unit, digits }) => ({ label, name, unit, digits, boundDigits: digits })),
    { label: 'Cross-entropy of a token', name: lossMetric, unit: 'number', digits: 3, boundDigits: 3 },
  ],
  measured: (split, { [picturesMetric]: pictures }) =>
    `Captions written for ${count(pictures)} ${split} pictures, against all captions of each.`,
  known: () => '',
  resampled: (groups) => `${count(groups)} pictures`,
  inPoints: 'BLEU, ROUGE-L, METEOR and exact match',
  limit:
    'Captions say what pictures of this kind mostly show. They may name things that are not there; a person should read them before they are relied on.',
  trainedWith: 'captioned pictures',
  recorded: (measured) => ({ ...measured }),
  recordedChange: (change) => ({ ...change }),
  examples: writtenExamples,
};
