import type { TaskCard } from '../card';
import { lossMetric, picturesMetric } from '../metrics';
import { writtenExamples } from '../words/example';
import { questionsMetric } from '../words/metrics';
import { metrics } from './metrics';

const count = (value = NaN): string => value.toLocaleString('en');

/** What a model card says of answers to questions about pictures. */
export const card: TaskCard = {
  pipelineTag: 'visual-question-answering',
  tags: ['visual-question-answering'],
  listed: {
    taskType: 'visual-question-answering',
    types: ['accuracy'],
    metrics: [{ type: 'accuracy', label: 'VQA accuracy', name: 'vqa-accuracy' }],
  },
  rows: () => [
    ...metrics
      .filter(({ name }) => name !== lossMetric)
      .map(({ label, name, unit, digits }) => ({ label, name, unit, digits, boundDigits: digits })),
    { label: 'Cross-entropy of a token', name: lossMetric, unit: 'number', digits: 3, boundDigits: 3 },
  ],
  measured: (split, { [picturesMetric]: pictures, [questionsMetric]: questions }) =>
    `Answers written to ${count(questions)} questions about ${count(pictures)} ${split} pictures.`,
  known: () => '',
  resampled: (groups) => `${count(groups)} pictures with their questions`,
  inPoints: 'VQA accuracy and exact match',
  limit:
    'It answers every question, also those that cannot be answered from the picture, and in the words that it was trained on.',
  trainedWith: 'pictures with questions and answers',
  recorded: (measured) => ({ ...measured }),
  recordedChange: (change) => ({ ...change }),
  examples: writtenExamples,
};
