import { z } from 'zod';
import { field } from '../field';

export const selectionMetrics = ['auto', 'validation-loss', 'accuracy', 'recall@1', 'recall@5', 'recall@10'] as const;

export const pairLosses = ['auto', 'contrastive', 'sigmoid'] as const;

/** Matching pictures and words: the towers learn to put a picture and its captions near each other (Radford et al. 2021, arXiv 2103.00020). */
export const contrastiveTask = z.strictObject({
  type: z.literal('contrastive'),
  loss: field(z.enum(pairLosses), 'auto', {
    label: 'Loss',
    group: 'regularization',
    help: 'Contrastive: the captions of a batch compete for each picture, and the other way round. Sigmoid: each pair is judged by itself. Automatic: the loss that the model was made with.',
    advanced: true,
  }),
  labelSmoothing: field(z.number().min(0).max(0.5), 0, {
    label: 'Label smoothing',
    group: 'regularization',
    help: 'Share of the target spread over the other pairs of the batch.',
    advanced: true,
  }),
  maxLogitScale: field(z.number().min(1).max(1000), 100, {
    label: 'Highest certainty (logit scale)',
    group: 'regularization',
    help: 'Upper bound of the learned scale (the inverse temperature), as in CLIP.',
    advanced: true,
  }),
  selectionMetric: field(z.enum(selectionMetrics), 'auto', {
    label: 'Best by',
    group: 'evaluation',
    help: 'What decides on the validation pictures which weights are best. Automatic: the validation loss, or accuracy where few captions share many pictures. Accuracy is how often a picture finds its caption first; Recall is that of both directions.',
  }),
});
