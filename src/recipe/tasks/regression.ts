import { z } from 'zod';
import { field } from '../field';
import { headFields } from './heads';

export const regressionSelection = ['auto', 'validation-loss', 'mae', 'r2', 'spearman'] as const;

/** Rating: one number of each sample, or several. */
export const regressionTask = z.strictObject({
  type: z.literal('regression'),
  ...headFields,
  numberLoss: field(z.enum(['squared', 'huber']), 'squared', {
    label: 'Loss of numbers',
    group: 'regularization',
    help: 'Squared error, or Huber, in which single numbers that are far off count less. Numbers are measured in standard deviations of the training samples.',
    advanced: true,
  }),
  huberDelta: field(z.number().min(0.01).max(10), 1, {
    label: 'Huber delta',
    group: 'regularization',
    help: 'Distance in standard deviations from which an error counts by its size and no more by its square.',
    advanced: true,
  }),
  selectionMetric: field(z.enum(regressionSelection), 'auto', {
    label: 'Best by',
    group: 'evaluation',
    help: 'What decides on the validation samples which weights are best. Automatic: the mean absolute error.',
  }),
});
