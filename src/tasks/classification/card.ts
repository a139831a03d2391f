import type { TaskCard } from '../card';
import { examplesBy } from '../example';
import { lossMetric, picturesMetric } from '../metrics';
import { metrics } from './metrics';
import { predictionsSchema, type ClassGuess } from './predictions';

const count = (value = NaN): string => value.toLocaleString('en');

/** What a model card says of classification. */
export const card: TaskCard = {
  pipelineTag: 'image-classification',
  tags: ['clip', 'image-classification'],
  listed: {
    taskType: 'image-classification',
    types: ['accuracy', 'f1'],
    metrics: [
      { type: 'accuracy', label: 'Accuracy', name: 'accuracy' },
      { type: 'f1', label: 'Macro F1', name: 'macro-f1' },
    ],
  },
  rows: (measured) => [
    ...metrics
      .filter(({ name }) => name !== lossMetric && measured[name] !== undefined)
      .map(({ label, name, unit, digits }) => ({ label, name, unit, digits, boundDigits: digits })),
    { label: 'Cross-entropy', name: lossMetric, unit: 'number', digits: 3, boundDigits: 3 },
  ],
  measured: (split, { [picturesMetric]: pictures, classes }) =>
    `Classification of ${count(pictures)} ${split} pictures of ${count(classes)} classes. The base model was asked in words (zero-shot).`,
  known: () => '',
  resampled: (groups) => `${count(groups)} pictures`,
  inPoints: 'accuracy, precision, recall and F1',
  limit: 'It takes every picture for one of the classes that it was trained on, also those that show something else.',
  trainedWith: 'labelled pictures',
  recorded: (measured) => ({ ...measured }),
  recordedChange: (change) => ({ ...change }),
  examples: examplesBy(predictionsSchema, ({ imageId, label, base, tuned }) => {
    const guess = ({ label: guessed, probability }: ClassGuess): string =>
      `${guessed} (${Math.round(100 * probability)} %)`;
    return [{ imageId, wanted: label, base: guess(base), tuned: guess(tuned) }];
  }),
};
