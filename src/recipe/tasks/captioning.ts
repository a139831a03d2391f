import { z } from 'zod';
import { field } from '../field';
import { wordFields } from './words';

export const captioningSelection = ['auto', 'validation-loss', 'cider-d', 'bleu-4', 'rouge-l', 'meteor'] as const;

/** Longest beginning of captions. */
const maxPrompt = 120;

/** Writing a caption for a picture, as BLIP is taught it: each next word from those before and the picture (Li et al. 2022, arXiv 2201.12086). */
export const captioningTask = z.strictObject({
  type: z.literal('captioning'),
  captionPrompt: field(z.string().max(maxPrompt), '', {
    label: 'Captions begin with',
    group: 'task',
    help: 'Words that stand before every caption, given and not learned, such as “a picture of”. Empty: captions stand alone.',
  }),
  longestCaption: field(z.int().min(1).max(200), 20, {
    label: 'Longest caption',
    group: 'evaluation',
    help: 'Tokens that the model writes at most.',
    advanced: true,
    unit: 'tokens',
  }),
  ...wordFields,
  selectionMetric: field(z.enum(captioningSelection), 'auto', {
    label: 'Best by',
    group: 'evaluation',
    help: 'What decides on the validation pictures which weights are best. Automatic: CIDEr-D, which compares what is written with all captions of a picture.',
  }),
});
