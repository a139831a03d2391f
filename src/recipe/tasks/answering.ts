import { z } from 'zod';
import { field } from '../field';
import { wordFields } from './words';

export const answeringSelection = ['auto', 'validation-loss', 'vqa-accuracy', 'exact-match'] as const;

/** Answering a question about a picture in words, as BLIP is taught it (Li et al. 2022, arXiv 2201.12086). */
export const answeringTask = z.strictObject({
  type: z.literal('answering'),
  longestAnswer: field(z.int().min(1).max(200), 10, {
    label: 'Longest answer',
    group: 'evaluation',
    help: 'Tokens that the model writes at most.',
    advanced: true,
    unit: 'tokens',
  }),
  ...wordFields,
  selectionMetric: field(z.enum(answeringSelection), 'auto', {
    label: 'Best by',
    group: 'evaluation',
    help: 'What decides on the validation pictures which weights are best. Automatic: VQA accuracy, by which an answer counts in full that at least three people gave, or the only one there is.',
  }),
});
